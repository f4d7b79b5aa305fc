"""What is counted, under the names that Prometheus reads; `/metrics` of the web chat shows it.

Labels are few and known beforehand: platforms, providers, models, commands, endings. Nothing a
person said, and nobody's id, is ever a label.
"""

from prometheus_client import Counter, Gauge, Histogram

PREFIX = "nano_banana"
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900)

asks = Counter(f"{PREFIX}_asks", "Asks answered", ("platform", "command"))
orders = Counter(f"{PREFIX}_orders", "Paid orders and sketches that a provider took", ("provider",))
jobs_ended = Counter(f"{PREFIX}_jobs_ended", "Jobs that ended", ("provider", "model", "status"))
jobs_in_doubt = Counter(f"{PREFIX}_jobs_in_doubt", "Orders whose answer was lost", ("provider",))
left_alone = Gauge(
    f"{PREFIX}_provider_left_alone", "1 while nothing is ordered from a provider", ("provider",)
)
jobs_waiting = Gauge(f"{PREFIX}_jobs_waiting", "Jobs that wait for their turn")
job_seconds = Histogram(
    f"{PREFIX}_job_seconds", "From asked to finished", ("provider", "model"), buckets=SECONDS
)
spent = Counter(f"{PREFIX}_spent_dollars", "Cost of finished jobs", ("provider", "model"))
given_up = Counter(f"{PREFIX}_deliveries_given_up", "Results that no chat could be told of")
deliveries = Counter(f"{PREFIX}_deliveries", "Results sent to a chat", ("platform", "outcome"))
