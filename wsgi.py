from app.factory import create_app
from tenants.core import metrics

application = create_app()
metrics.serve()
