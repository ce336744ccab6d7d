import re


def entries(browser, path):
    page = browser.get(path)
    assert page.status_code == 200
    nav = page.text.partition('id="sidenav"')[2].partition("</nav>")[0]
    return re.findall(r'class="nav-label">([^<]+)<', nav)


def test_the_left_block_follows_role_and_client(world, sign_in_as):
    a = world.a
    assert entries(sign_in_as(a.user), a.url("requests"))[:2] == ["Home", "Requests"]
    assert "Subscription" not in entries(sign_in_as(a.user), a.url("requests"))
    assert "Subscription" in entries(sign_in_as(a.admin), a.url("requests"))
    operator = entries(sign_in_as(world.operator_a), a.url("requests"))
    assert operator[0] == "Queue"
    assert "Home" not in operator


def test_a_page_before_the_second_factor_shows_no_way_on(world, sign_in_as):
    page = sign_in_as(world.a.admin, second_factor=False).get("/sign-in/code").text
    assert 'href="/account"' not in page
    assert 'action="/sign-out"' in page


def test_home_is_where_ones_work_is(world, sign_in_as):
    assert sign_in_as(world.a.user).get("/").location == world.a.url()
    assert sign_in_as(world.operator_none).get("/").location == "/desk"
