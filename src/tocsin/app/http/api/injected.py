"""What the application hands to every route: the service, who calls, what is searched."""

from litestar.di import NamedDependency

from tocsin.app.http.api.search import Search
from tocsin.app.http.exchange import Exchange
from tocsin.app.service.service import Service

Served = NamedDependency[Service]
Called = NamedDependency[Exchange]
Asked = NamedDependency[Search]
