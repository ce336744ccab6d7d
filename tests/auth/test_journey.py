def test_x(world, sign_in_by_form, sign_in_as):
    for person in world.everyone:
        browser = sign_in_by_form(person)
        answer = browser.get("/")
        assert answer.status_code in (200, 303), person
        assert browser.get("/account").status_code == 200
