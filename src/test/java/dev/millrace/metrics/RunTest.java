package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run can say of itself beside values. */
final class RunTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @Test
    void stages_nestedFailedAndOpen_areShownAsTheyStand() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("staged", Map.of());
            try (Stage build = run.stage("build");
                    Stage features = build.stage("features")) {
                assertThat(features.name()).isEqualTo("build.features");
                features.fail();
            }
            Stage open = run.stage("train");
            assertThat(store.flush(LONG)).isTrue();
            assertThat(stages())
                    .extracting(StageSpan::name, StageSpan::status)
                    .containsExactly(
                            tuple("build", StageStatus.DONE),
                            tuple("build.features", StageStatus.FAILED),
                            tuple("train", StageStatus.RUNNING));
            assertThat(stages().get(0).durationSeconds()).isBetween(0.0, 20.0);
            assertThat(stages().get(2).durationSeconds()).isNull();
            run.finish(RunStatus.FAILED);
            open.close();
        }
        assertThat(stages().get(2).status()).isEqualTo(StageStatus.FAILED);
        assertThat(stages().get(2).durationSeconds()).isBetween(0.0, 20.0);
    }

    @Test
    void resume_stageLeftOpenByTheProcessBefore_hasFailed() {
        try (MetricsStore store = MetricsStore.open(file())) {
            store.startRun("staged", Map.of()).stage("first");
        }
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.resumeRun("staged", Map.of());
            run.stage("second").close();
        }
        assertThat(stages())
                .extracting(StageSpan::name, StageSpan::status)
                .containsExactly(tuple("first", StageStatus.FAILED), tuple("second", StageStatus.DONE));
    }

    @Test
    void paramsAndTags_afterTheStart_areKept() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("tagged", Map.of("lr", 1));
            run.param("lr", 2);
            run.param("note", "x");
            run.tag("baseline");
            run.tag("baseline");
            run.tag("a");
            assertThat(store.flush(LONG)).isTrue();
            try (MetricsReader reader = MetricsReader.open(file())) {
                RunInfo info = reader.run(run.id());
                assertThat(info.uuid()).isEqualTo(run.uuid());
                assertThat(info.params()).containsExactly(Map.entry("lr", "2"), Map.entry("note", "x"));
                assertThat(info.tags()).containsExactly("a", "baseline");
            }
        }
    }

    @Test
    void resource_unit_isThatOfTheSeries() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("units", Map.of());
            run.resource("ram", "used", 1);
            run.resource("ram", "used", "MiB", 2);
            run.resource("cpu", "system_total", "percent", 3);
        }
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.seriesOf(1)).extracting(SeriesInfo::unit).containsExactly("percent", "MiB");
        }
    }

    @Test
    void time_closedTwice_recordsSecondsOnce() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("timed", Map.of());
            Run.Timer timer = run.time(7, "build");
            timer.close();
            timer.close();
        }
        try (MetricsReader reader = MetricsReader.open(file())) {
            Series series = reader.series(1, "build");
            assertThat(series.steps()).containsExactly(7);
            assertThat(series.values()[0]).isBetween(0.0, 20.0);
        }
    }

    @Test
    void generation_startedAndCompleted_isOneRowWithItsDuration() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("generating", Map.of());
            StartedGeneration started = run.generationStart("signal_injection", 2, null);
            started.complete(100, 12.5);
            assertThatThrownBy(() -> started.complete(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("signal_injection");
            run.generationStart("other").complete(1);
            run.generationStart("never completed");
            assertThat(store.flush(LONG)).isTrue();
        }
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.seriesOf(1)).extracting(SeriesInfo::name).isEqualTo(List.of("other", "signal_injection"));
            Envelope seconds = reader.envelope(
                    reader.seriesOf(1).get(1), Axis.TIME, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 10);
            assertThat(seconds.first()[0]).isBetween(0.0, 20.0);
        }
    }

    private List<StageSpan> stages() {
        try (MetricsReader reader = MetricsReader.open(file())) {
            return reader.stages(1);
        }
    }

    private Path file() {
        return folder.resolve("metrics.db");
    }
}
