"""The icons in the sprite, by their names in @tabler/icons (outline)."""

ICONS = frozenset(
    """
    adjustments alarm alert-circle alert-triangle archive arrow-back-up arrow-down arrow-left
    arrow-merge arrow-right arrows-split arrow-up arrows-exchange arrows-sort at ban bell book bookmark box briefcase bolt
    building building-bank building-community building-store building-warehouse bulb calculator
    calendar calendar-event calendar-off calendar-time camera cash certificate chart-bar chart-donut chart-line
    check checkbox checklist checks chevron-down chevron-left chevron-right chevron-up
    circle-check circle-dashed circle-dot circle-x clipboard clipboard-check clipboard-list clock
    clock-exclamation clock-hour-4 clock-pause cloud-upload code coffee coins columns copy
    credit-card database device-floppy device-laptop device-mobile dots dots-vertical download edit
    external-link eye eye-off file file-certificate file-check file-code file-description file-diff
    file-export file-import file-invoice file-plus file-spreadsheet file-text file-type-pdf
    file-upload file-x files filter fingerprint flag flame folder folders forms gavel
    git-compare globe grid-dots hand-stop headset help history home hourglass id inbox info-circle
    key keyboard language layout-dashboard layout-kanban layout-list lifebuoy link list list-check
    list-details loader-2 location lock lock-open login logout mail mail-forward mail-opened
    map-pin menu-2 message message-2 message-circle messages minus moon news note notes
    package package-export package-import packages paperclip password percentage phone photo
    player-pause player-play player-stop plug plus power printer progress-check puzzle qrcode
    question-mark receipt receipt-2 receipt-refund receipt-tax refresh repeat report
    report-analytics report-money robot rocket rotate route scale scan search select send server
    settings shield shield-check shield-lock shopping-cart signature snowflake sparkles speakerphone
    stack-2 star sum sun switch-horizontal table tag tags target template tool trash trending-down
    trending-up truck truck-delivery truck-return unlink upload user user-check user-cog user-minus
    user-off user-plus user-question user-x users users-group versions wallet wand webhook world
    writing x zoom-exclamation
    """.split()  # noqa: SIM905  a list of 225 quoted words is worse
)
