package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.chart.Picture;
import dev.millrace.chart.SvgRenderer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricsPlotTest {
    @TempDir
    private Path folder;

    @Test
    void resources_withTwoGpus_haveAnAxisForMemoryAndTheStages() {
        try (MetricsStore store = MetricsStore.open(db())) {
            Run run = store.startRun("gpu run", Map.of());
            run.tag("baseline");
            Stage stage = run.stage("train");
            for (int device = 0; device < 2; device++) {
                run.resource("gpu", "H200:" + device + "_utilization", "percent", 90);
                run.resource("gpu", "H200:" + device + "_memory", "percent", 30);
            }
            stage.close();
        }

        Picture picture = resources();

        assertThat(picture.title()).isEqualTo("Resources of gpu run");
        assertThat(picture.subtitle())
                .contains("baseline", Origin.ofThisProcess().host());
        assertThat(picture.panels()).extracting(panel -> panel.title()).containsExactly("CPU", "RAM", "GPU");
        assertThat(picture.panels().get(2).lines())
                .extracting(line -> line.label())
                .containsExactly("H200:0", "H200:1", "H200:0 memory", "H200:1 memory");
        assertThat(picture.panels()).allMatch(panel -> panel.spans().size() == 1);
        assertThat(SvgRenderer.file(picture, 900, 700))
                .contains(
                        "minutes since the start of the run", "No CPU samples", ">train</text>", "memory (dashed), %");
    }

    @Test
    void resources_withoutGpus_sayThatThereAreNone() {
        try (MetricsStore store = MetricsStore.open(db())) {
            store.startRun("cpu run", Map.of()).resource("cpu", "system_total", "percent", 50);
        }

        assertThat(SvgRenderer.file(resources(), 900, 700)).contains("No GPUs detected", ">system</text>");
    }

    @Test
    void training_chosenMetrics_areTheOnlyOnes() {
        recordTraining();
        try (MetricsReader reader = MetricsReader.open(db())) {
            RunInfo run = reader.run(1);

            Picture all = MetricsPlot.training(reader, run, List.of());
            Picture chosen = MetricsPlot.training(reader, run, List.of("val/loss", "train_loss"));

            assertThat(all.panels()).extracting(panel -> panel.title()).containsExactly("loss", "learning_rate");
            assertThat(chosen.panels()).extracting(panel -> panel.title()).containsExactly("loss");
            assertThat(chosen.panels().get(0).lines())
                    .extracting(line -> line.label())
                    .containsExactly("each step", "training", "validation");
            assertThatThrownBy(() -> MetricsPlot.training(reader, run, List.of("lsos")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[loss, learning_rate], found 'lsos'");
        }
    }

    @Test
    void compare_severalRuns_haveAPanelForEachMetricAndAColourEach() {
        try (MetricsStore store = MetricsStore.open(db())) {
            for (String name : List.of("slow", "fast")) {
                Run run = store.startRun(name, Map.of());
                run.log(1, "loss", 2);
                run.epochMetric("loss", 1, 1, 1, "val");
            }
            store.startRun("only steps", Map.of()).log(1, "loss", 3);
        }
        try (MetricsReader reader = MetricsReader.open(db())) {
            Picture picture = MetricsPlot.compare(reader, reader.runs(), List.of("val/loss", "loss"));

            assertThat(picture.panels()).extracting(panel -> panel.title()).containsExactly("val/loss", "loss");
            assertThat(picture.panels().get(0).lines())
                    .extracting(line -> line.label())
                    .containsExactlyInAnyOrder("slow", "fast");
            assertThat(picture.panels().get(1).lines())
                    .extracting(line -> line.label())
                    .containsExactlyInAnyOrder("slow", "fast", "only steps");
            assertThatThrownBy(() -> MetricsPlot.compare(reader, reader.runs(), List.of("loss", "val/error")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("No such metric: expected some of [loss, val/loss], found 'val/error'.");
        }
    }

    @Test
    void write_eitherKind_givesThatKindTwiceTheSame() throws IOException {
        recordTraining();
        MetricsPlot.Size size = new MetricsPlot.Size(640, 480, 96);
        for (String name : List.of("a.png", "b.PNG", "c.svg")) {
            Path out = folder.resolve(name);
            MetricsPlot.write(resources(), out, size);
            byte[] first = Files.readAllBytes(out);
            MetricsPlot.write(resources(), out, size);
            assertThat(Files.readAllBytes(out)).as(name).isEqualTo(first);
            assertThat(new String(first, 0, 5, java.nio.charset.StandardCharsets.ISO_8859_1))
                    .isEqualTo(name.endsWith("svg") ? "<?xml" : "\u0089PNG\r");
        }
        assertThatThrownBy(() -> MetricsPlot.write(resources(), folder.resolve("d.gif"), size))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(".png or .svg")
                .hasMessageContaining("d.gif");
        assertThatThrownBy(() -> MetricsPlot.write(resources(), folder.resolve("none/e.svg"), size))
                .isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void figures_longSeries_findTheVeryStepOfTheExtremes() {
        try (MetricsStore store = MetricsStore.open(db())) {
            Run run = store.startRun("long", Map.of());
            for (int step = 0; step < 5_000; step++) {
                run.log(step, "loss", step == 4_321 ? -7 : step == 77 ? Double.NaN : step % 10);
            }
            store.flush(Duration.ofSeconds(20));
        }
        try (MetricsReader reader = MetricsReader.open(db())) {
            SeriesFigures figures = SeriesFigures.of(reader, reader.seriesOf(1).get(0));

            assertThat(figures.best()).isEqualTo(new SeriesFigures.Best(-7, 4_321));
            assertThat(figures.highest()).isEqualTo(9);
            assertThat(figures.highestAt()).isEqualTo(9);
            assertThat(figures.points()).isEqualTo(5_000);
            assertThat(figures.notFinite()).isEqualTo(1);
            assertThat(figures.last()).isEqualTo(9);
            assertThat(figures.lastAt()).isEqualTo(4_999);
        }
    }

    @Test
    void goal_commonNames_isKnown() {
        assertThat(List.of("loss", "val_loss", "mae", "reconstruction-error"))
                .allMatch(name -> MetricGoal.of(name) == MetricGoal.LOWEST);
        assertThat(List.of("cosine", "val/accuracy", "F1", "top_5_accuracy"))
                .allMatch(name -> MetricGoal.of(name) == MetricGoal.HIGHEST);
        assertThat(List.of("learning_rate", "samples_per_second", "maelstrom"))
                .allMatch(name -> MetricGoal.of(name) == MetricGoal.UNKNOWN);
    }

    @Test
    void tail_growingRun_givesEachRecordOnceInOrder() {
        try (MetricsStore store = MetricsStore.open(db());
                MetricsReader reader = MetricsReader.open(db())) {
            Run run = store.startRun("growing", Map.of());
            for (int step = 1; step <= 20; step++) {
                run.log(step, "loss", step);
            }
            run.event("info", "half");
            store.flush(Duration.ofSeconds(20));
            RunTail tail = reader.tail(run.id());

            List<TailRecord> last = tail.last(5);
            assertThat(last).hasSize(5);
            assertThat(tail.next(100)).isEmpty();

            run.log(21, "loss", Double.NaN);
            run.log(21, "cosine", 0.5);
            run.epochMetric("loss", 3, 1, 2, "val");
            run.generation(new Generation("build", 1, 0, java.time.Instant.EPOCH, 2.5, 10, Double.NaN));
            run.event("warn", "later");
            store.flush(Duration.ofSeconds(20));

            assertThat(tail.next(100))
                    .extracting(record -> record.kind())
                    .containsExactlyInAnyOrder(
                            TailRecord.Kind.STEP,
                            TailRecord.Kind.STEP,
                            TailRecord.Kind.EPOCH,
                            TailRecord.Kind.GENERATION,
                            TailRecord.Kind.EVENT);
            assertThat(tail.next(100)).isEmpty();
            assertThat(reader.tail(run.id())
                            .only(EnumSet.of(TailRecord.Kind.STEP))
                            .only(series -> series.name().equals("cosine"))
                            .last(10))
                    .singleElement()
                    .satisfies(record -> assertThat(record.value()).isEqualTo(0.5));
        }
    }

    private void recordTraining() {
        try (MetricsStore store = MetricsStore.open(db())) {
            Run run = store.startRun("train", Map.of());
            for (int step = 1; step <= 50; step++) {
                run.logAll(step, Map.of("loss", 1.0 / step, "learning_rate", 1e-3));
                if (step % 10 == 0) {
                    run.epochMetric("loss", 1.0 / step, 0, step / 10, "train");
                    run.epochMetric("loss", 1.1 / step, 0, step / 10, "val");
                }
            }
            run.finish(RunStatus.FINISHED);
        }
    }

    private Picture resources() {
        try (MetricsReader reader = MetricsReader.open(db())) {
            return MetricsPlot.resources(reader, reader.run(1));
        }
    }

    private Path db() {
        return folder.resolve("metrics.db");
    }
}
