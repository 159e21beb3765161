"""What the rank stage must give, as its fingerprint says it."""

from harness import config
from harness.studies import demand, study, written


def test_the_costly_measure_of_isotropy_is_computed_where_it_is_asked_for_and_another_metric_ranks_nothing_again():
    settings = config.load(config.ROOT, {"studies": "minilm"})
    (minilm,) = written.select(settings)
    assert isinstance(minilm, study.Study) and minilm.experiment

    def asking(*metrics):
        experiment = minilm.experiment.model_copy(update={"metrics": list(metrics)})
        return demand.demand(minilm.model_copy(update={"experiment": experiment}), (), 0)

    assert asking("ndcg@10", "isoscore") == asking("mrr@10", "sd_cosine") != asking("ndcg@10", "isoscore", "partition_isotropy")
