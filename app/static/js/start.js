// htmx begins in a task of its own, which a busy machine puts after the first key: by then Ctrl K has
// opened a palette that asks nothing, and a button sends its form the slow way.
htmx.initialize();
