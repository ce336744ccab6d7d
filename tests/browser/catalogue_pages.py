"""Where the pages of the provider's catalogue are looked at."""

C = "/provider/catalogue"


def catalogue_pages(administrator: str) -> dict[str, list[tuple[str, str]]]:
    return {
        "provider.catalogue": [(administrator, C)],
        "provider.catalogue_item": [(administrator, f"{C}/employment_contract")],
        "provider.new_item": [
            (administrator, f"{C}/new-item"), (administrator, f"{C}/new-item?copy=payment_control"),
        ],
        "provider.edit_item": [(administrator, f"{C}/employment_contract/edit")],
    }  # fmt: skip
