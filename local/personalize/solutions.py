"""Operations on the learning side: recipes, solutions, solution versions."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from local.modelled import ServiceError
from local.personalize.datasets import DELETE_SECONDS, DataOperations
from local.personalize.errors import in_use, invalid_input, limit_exceeded, not_found
from local.personalize.state import UNFINISHED, Resource
from local.personalize.training import ITEM_AFFINITY, ITEM_ATTRIBUTE_AFFINITY, train

# Quotas: https://docs.aws.amazon.com/personalize/latest/dg/limits.html
MOST_SOLUTIONS = 10  # per dataset group
MOST_TRAININGS_IN_FLIGHT = 20
SOLUTION_SECONDS, TRAINING_SECONDS = 10, 1_800
# "Training starts within one hour": https://docs.aws.amazon.com/personalize/latest/dg/solution-config-auto-training.html
AUTO_TRAINING_SECONDS = 3_600
_RECIPE_ARN = "arn:aws:personalize:::recipe/"
_RECIPE_DATE = datetime(2021, 11, 29, tzinfo=UTC)  # the day AWS announced user segmentation
_RECIPES = {
    ITEM_AFFINITY: "Finds for each item the users most likely to interact with it.",
    ITEM_ATTRIBUTE_AFFINITY: "Finds for item attributes the users most likely to interact with such items.",
}


class SolutionOperations(DataOperations):
    """Recipes, solutions and their versions."""

    def list_recipes(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the recipes this stand-in can train; they belong to no domain."""
        names = [] if "domain" in request else list(_RECIPES)
        recipes = [Resource("recipe", _RECIPE_ARN + name, _recipe(name)) for name in names]
        return self.page("ListRecipes", recipes, request)

    def describe_recipe(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a recipe."""
        return {"recipe": _recipe(_recipe_name(request["recipeArn"]))}

    def create_solution(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create a solution; like AWS it trains itself unless performAutoTraining is false."""
        group = self.find_active("datasetGroup", request["datasetGroupArn"])
        if "recipeArn" not in request:
            raise invalid_input("recipeArn is required.")
        name = _recipe_name(request["recipeArn"])
        if request.get("performHPO") or request.get("performAutoML"):
            raise invalid_input(
                f"Hyperparameter optimization and AutoML are not supported by the recipe {name}."
            )
        if request.get("performIncrementalUpdate"):
            raise invalid_input(f"Incremental updates are not supported by the recipe {name}.")
        if len(self.select("solution", datasetGroupArn=group.arn)) >= MOST_SOLUTIONS:
            raise limit_exceeded(f"More than {MOST_SOLUTIONS} solutions in {group.arn}.")
        automatic = request.get("performAutoTraining", True)
        config = dict(request.get("solutionConfig", {}))
        _check_config(config, automatic=automatic)
        if automatic:
            config.setdefault("autoTrainingConfig", {"schedulingExpression": "rate(7 days)"})
        tags = request.pop("tags", None)
        detail = {"performHPO": False, "performAutoML": False, "performIncrementalUpdate": False, **request}
        detail.update(performAutoTraining=automatic, solutionConfig=config)
        solution = self.add("solution", f"solution/{request['name']}", detail, tags)
        self.advance(solution, SOLUTION_SECONDS, finish=lambda: self._train_later(solution))
        return {"solutionArn": solution.arn}

    def _train_later(self, solution: Resource) -> None:
        """Start AWS's first automatic training, within the hour unless somebody trained by hand until then.

        The weekly ones that follow in AWS are left out: an emulator rarely lives that long.
        """

        def work() -> None:
            self.cloud.wait(AUTO_TRAINING_SECONDS)
            with self.lock:
                alive = self.resources.get(solution.arn) is solution and solution.status == "ACTIVE"
                if alive and solution.detail["performAutoTraining"] and not self._versions(solution):
                    self._start_training(solution, {}, "AUTOMATIC")

        if solution.detail["performAutoTraining"]:
            self.cloud.run(work, f"auto-train {solution.arn}")

    def describe_solution(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a solution with a summary of its latest version."""
        solution = self.find("solution", request["solutionArn"])
        shown = dict(solution.detail)
        for latest in self._versions(solution)[-1:]:
            shown["latestSolutionVersion"] = {
                name: latest.detail[name]
                for name in (
                    "solutionVersionArn",
                    "status",
                    "trainingMode",
                    "trainingType",
                    "creationDateTime",
                    "lastUpdatedDateTime",
                    "failureReason",
                )
                if name in latest.detail
            }
        return {"solution": shown}

    def list_solutions(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return solutions, of one dataset group if asked."""
        where = {name: request[name] for name in ("datasetGroupArn",) if name in request}
        return self.page("ListSolutions", self.select("solution", **where), request)

    def update_solution(self, request: dict[str, Any]) -> dict[str, Any]:
        """Change whether and how often a solution trains itself."""
        solution = self.find_active("solution", request["solutionArn"])
        change = request.get("solutionUpdateConfig", {})
        automatic = request.get("performAutoTraining", solution.detail["performAutoTraining"])
        config = {**solution.detail["solutionConfig"], **change}
        if not automatic and "autoTrainingConfig" not in change:
            config.pop("autoTrainingConfig", None)
        _check_config(config, automatic=automatic)
        now = datetime.now(UTC)
        update = {name: value for name, value in request.items() if name != "solutionArn"}
        solution.detail["latestSolutionUpdate"] = {
            **update,
            "status": "ACTIVE",
            "creationDateTime": now,
            "lastUpdatedDateTime": now,
        }
        solution.detail.update(performAutoTraining=automatic, solutionConfig=config, lastUpdatedDateTime=now)
        return {"solutionArn": solution.arn}

    def delete_solution(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete a solution and all its versions in the background."""
        solution = self.find("solution", request["solutionArn"])
        versions = self._versions(solution)
        busy = [version.arn for version in versions if version.status in UNFINISHED]
        jobs = [
            job.arn
            for version in versions
            for job in self.unfinished("batchSegmentJob", solutionVersionArn=version.arn)
        ]
        if busy or jobs:
            raise in_use(f"{solution.arn} is used by {', '.join(busy + jobs)}, which is still being created.")
        self.remove(solution, DELETE_SECONDS, *versions)
        return {}

    def create_solution_version(self, request: dict[str, Any]) -> dict[str, Any]:
        """Train a model."""
        solution = self.find_active("solution", request["solutionArn"])
        if request.get("trainingMode", "FULL") != "FULL":
            raise invalid_input("User segmentation recipes support trainingMode FULL only.")
        self.check_in_flight("solutionVersion", MOST_TRAININGS_IN_FLIGHT)
        return {"solutionVersionArn": self._start_training(solution, request, "MANUAL").arn}

    def _start_training(self, solution: Resource, request: dict[str, Any], training_type: str) -> Resource:
        inherited = ("performHPO", "performAutoML", "performIncrementalUpdate", "recipeArn", "eventType")
        detail = {name: solution.detail[name] for name in inherited if name in solution.detail}
        detail |= {name: request[name] for name in ("name",) if name in request}
        detail |= {
            "solutionArn": solution.arn,
            "datasetGroupArn": solution.detail["datasetGroupArn"],
            "solutionConfig": solution.detail["solutionConfig"],
            "trainingMode": "FULL",
            "trainingType": training_type,
        }
        path = f"solution/{solution.detail['name']}/{uuid.uuid4().hex[:8]}"
        version = self.add("solutionVersion", path, detail, request.get("tags"))

        def work() -> None:
            group = detail["datasetGroupArn"]
            with self.lock:
                interactions = self.bulk_data(group, "INTERACTIONS")
                items = self.bulk_data(group, "ITEMS")
            version.content = train(
                _recipe_name(detail["recipeArn"]),
                interactions[1] if interactions else None,
                items,
                detail.get("eventType"),
                detail["solutionConfig"],
            )

        def finish() -> None:
            detail_now = version.detail
            detail_now["trainingHours"] = TRAINING_SECONDS / 3_600

        self.advance(version, TRAINING_SECONDS, work, finish)
        return version

    def describe_solution_version(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a solution version."""
        return self.describe("solutionVersion", request)

    def list_solution_versions(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return solution versions, of one solution if asked."""
        where = {name: request[name] for name in ("solutionArn",) if name in request}
        return self.page("ListSolutionVersions", self.select("solutionVersion", **where), request)

    def stop_solution_version_creation(self, request: dict[str, Any]) -> dict[str, Any]:
        """Stop a training that is not over."""
        version = self.find("solutionVersion", request["solutionVersionArn"])
        if version.status not in UNFINISHED:
            raise in_use(f"{version.arn} is in status {version.status} and cannot be stopped.")
        version.detail.update(status="CREATE STOPPED", lastUpdatedDateTime=datetime.now(UTC))
        return {}

    def _versions(self, solution: Resource) -> list[Resource]:
        return self.select("solutionVersion", solutionArn=solution.arn)


def _check_config(config: dict[str, Any], *, automatic: bool) -> None:
    """Raise InvalidInputException for a solutionConfig that AWS would refuse."""
    schedule = config.get("autoTrainingConfig", {}).get("schedulingExpression")
    if schedule:
        if not automatic:
            raise invalid_input("autoTrainingConfig requires performAutoTraining to be true.")
        days = int("".join(filter(str.isdigit, schedule)))
        if not 1 <= days <= 30:
            raise invalid_input("schedulingExpression must be between rate(1 day) and rate(30 days).")
    events = config.get("eventsConfig", {}).get("eventParametersList", [])
    if len(events) > 10:
        raise invalid_input("eventParametersList has at most 10 event types.")
    try:
        float(config.get("eventValueThreshold") or 0)
    except ValueError as error:
        raise invalid_input("eventValueThreshold must be a number.") from error


def _recipe_name(arn: str) -> str:
    """Return the name of a recipe this stand-in can train. Raises ServiceError for any other."""
    name = arn.removeprefix(_RECIPE_ARN)
    if name in _RECIPES:
        return name
    if name.startswith("aws-"):
        raise ServiceError("NotImplementedException", f"not implemented here: personalize recipe {name}", 501)
    raise not_found(arn)


def _recipe(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "recipeArn": _RECIPE_ARN + name,
        "algorithmArn": f"arn:aws:personalize:::algorithm/{name}",
        "featureTransformationArn": f"arn:aws:personalize:::feature-transformation/{name}",
        "status": "ACTIVE",
        "description": _RECIPES[name],
        "recipeType": "USER_SEGMENTATION",
        "creationDateTime": _RECIPE_DATE,
        "lastUpdatedDateTime": _RECIPE_DATE,
    }
