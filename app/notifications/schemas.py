from marshmallow import Schema, fields

from app.notifications.catalogue import CATEGORIES

# One box for each kind of mail that can be switched off.
NoticesSchema = Schema.from_dict(
    {
        one.code: fields.Boolean(
            load_default=False, metadata={"label": one.title, "help": one.contents}
        )
        for one in CATEGORIES
        if one.optional
    },
    name="NoticesSchema",
)
