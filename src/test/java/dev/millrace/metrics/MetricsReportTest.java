package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.sqlite.WriteQueueSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricsReportTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-20T12:00:00Z"), ZoneOffset.UTC);
    private static final Pattern SVG = Pattern.compile("<figure>(.*?)</figure>", Pattern.DOTALL);

    @TempDir
    private Path folder;

    @Test
    void writeHtml_trainingRun_hasAChartPerMetricAndTheLastValues() throws IOException {
        recordTraining(20, 60);
        String html = report();
        assertThat(html)
                .contains("<h1>finetune spectra</h1>", "aria-label=\"loss\"", "aria-label=\"cosine\"")
                .contains("aria-label=\"learning_rate\"", ">training</text>", ">validation</text>", ">each step</text>")
                .contains(">step</text>", "<th>batch_size</th><td>128</td>", "checkpoint written")
                .contains(">baseline</span>", "prefers-color-scheme: dark");
        assertThat(SVG.matcher(html).results().count()).isEqualTo(3);
        assertThat(html.indexOf("aria-label=\"loss\"")).isLessThan(html.indexOf("aria-label=\"cosine\""));
    }

    @Test
    void writeHtml_sameData_givesTheSameBytes() throws IOException {
        recordTraining(5, 20);
        String first = report();
        assertThat(report()).isEqualTo(first);
    }

    @Test
    void writeHtml_anyRun_asksForNothingFromOutside() throws IOException {
        recordTraining(3, 10);
        String html = report();
        assertThat(html.replace("http://www.w3.org/2000/svg", ""))
                .doesNotContain("http://", "https://", "<script", "url(", "<link", "<img", "@import");
        assertThat(html).contains("default-src 'none'");
    }

    @Test
    void writeHtml_hostileNames_areShownAsText() throws Exception {
        String hostile = "</text></svg><script>alert('\"&')</script>\u0000\u001b[31m\u202e";
        try (MetricsStore store = MetricsStore.open(db())) {
            Run run = store.startRun(hostile, Map.of(hostile, hostile));
            run.log(1, hostile, 1);
            run.log(2, hostile, 2);
            run.epochMetric(hostile, 1, 0, 1, hostile);
            run.event(hostile, hostile);
            run.tag(hostile);
            run.resource("cpu", hostile, "percent", 5);
            run.generation(new Generation(hostile, 1, 2, Instant.EPOCH, 3, 4, 5));
            run.stage(hostile).close();
            run.finish(RunStatus.FINISHED);
        }
        String html = report();
        assertThat(html).doesNotContain("<script", "\u0000", "\u001b", "\u202e").contains("&lt;script&gt;");
        assertThat(wellFormedCharts(html)).isEqualTo(2);
    }

    @Test
    void writeHtml_valuesThatCannotBeDrawn_areMarkedAndInterruptTheLine() throws Exception {
        try (MetricsStore store = MetricsStore.open(db())) {
            Run run = store.startRun("odd", Map.of());
            double[] values = {1, 2, Double.NaN, 3, Double.POSITIVE_INFINITY, 4};
            for (int step = 0; step < values.length; step++) {
                run.log(step, "loss", values[step]);
                run.log(step, "all_nan", Double.NaN);
                run.log(step, "flat", 7);
                run.log(step, "huge", step % 2 == 0 ? Double.MAX_VALUE : -Double.MAX_VALUE);
                run.log(step, "tiny", step * Double.MIN_VALUE);
                run.log(Long.MAX_VALUE - step, "late", step);
            }
            run.log(1, "single", 5);
        }
        String html = report();
        assertThat(wellFormedCharts(html)).isEqualTo(7);
        assertThat(html).contains("step 2: NaN", "step 4: NaN");
        assertThat(html.replaceAll("(?s)<title>.*?</title>|<text.*?</text>|<td.*?</td>", ""))
                .as("no place in a drawing is NaN")
                .doesNotContain("NaN");
    }

    @Test
    void writeHtml_longSeries_keepsTheSpikeAndStaysSmall() throws IOException {
        try (MetricsStore store = MetricsStore.open(
                db(),
                WriteQueueSettings.defaults().withOverload(WriteQueueSettings.Overload.DROP, Duration.ofSeconds(10)))) {
            Run run = store.startRun("long", Map.of());
            for (int step = 0; step < 100_000; step++) {
                run.log(step, "loss", step == 61_803 ? 50 : Math.sin(step / 1e4));
            }
        }
        String html = report();
        assertThat(html.length()).isLessThan(100_000);
        assertThat(html).contains("<td class=\"number\">50</td>", "<td class=\"number\">100,000</td>");
        double highest = SVG.matcher(html)
                .results()
                .flatMap(svg -> Pattern.compile("[ML][\\d.]+ ([\\d.]+)")
                        .matcher(svg.group())
                        .results())
                .mapToDouble(point -> Double.parseDouble(point.group(1)))
                .min()
                .orElseThrow();
        assertThat(highest).as("the spike reaches the top of the plot").isLessThan(80);
    }

    @Test
    void writeHtml_resourcesAndStages_shareOneTimeAxis() throws Exception {
        try (MetricsStore store = MetricsStore.open(db())) {
            Run run = store.startRun("machine", Map.of());
            Stage stage = run.stage("build");
            run.resource("cpu", "system_total", "percent", 40);
            run.resource("cpu", "system_total", "percent", 60);
            run.resource("jvm", "heap_used", "MiB", 300);
            stage.close();
            run.stage("train").fail();
            run.generation(new Generation("spectra_build", 1, 0, Instant.EPOCH, 2, 500, 64));
            run.generation(new Generation("spectra_build", 1, 1, Instant.EPOCH, 3, 500, Double.NaN));
        }
        String html = report();
        assertThat(html).contains("No GPUs detected", "No RAM samples", ">CPU</text>", ">JVM</text>");
        assertThat(html.split(">minutes since the start of the run</text>", -1)).hasSize(2);
        assertThat(html).contains("<td>build</td><td>done</td>", "<td>train</td><td>failed</td>");
        assertThat(html)
                .contains("<td>spectra_build</td><td class=\"number\">1</td><td class=\"number\">2</td>"
                        + "<td class=\"number\">1,000</td><td class=\"number\">5 s</td><td class=\"number\">200</td>"
                        + "<td class=\"number\">64</td>");
        assertThat(wellFormedCharts(html)).isEqualTo(1);
    }

    @Test
    void writeHtml_manyLongSeries_isAFractionOfTheLimit() throws IOException {
        try (MetricsStore store = MetricsStore.open(
                db(),
                WriteQueueSettings.defaults().withOverload(WriteQueueSettings.Overload.DROP, Duration.ofSeconds(20)))) {
            Run run = store.startRun("many", Map.of());
            Random random = new Random(3);
            for (int step = 0; step < 3_000; step++) {
                for (int metric = 0; metric < 20; metric++) {
                    run.log(step, "metric_" + metric, random.nextGaussian() * 1e-3);
                }
            }
        }
        // The size depends on the buckets, not on the points: 100,000 points of each give the same.
        assertThat(report().length()).isLessThan(1_500_000);
    }

    @Test
    void writeHtml_emptyRun_saysSo() throws IOException {
        try (MetricsStore store = MetricsStore.open(db())) {
            store.startRun("empty", Map.of());
        }
        assertThat(report()).contains("Nothing recorded yet.");
    }

    @Test
    void writeHtml_epochsOnly_countsEpochs() throws IOException {
        try (MetricsStore store = MetricsStore.open(db())) {
            Run run = store.startRun("epochs", Map.of());
            for (int epoch = 0; epoch < 4; epoch++) {
                run.epochMetric("loss", epoch, 0, epoch, "train");
            }
        }
        assertThat(report()).contains(">epoch</text>", "training, epoch 3: 3");
    }

    @Test
    void writeHtml_wrongRunOrPlace_saysWhatIsWrong() {
        recordTraining(1, 1);
        assertThatThrownBy(() -> MetricsReport.writeHtml(db(), 5, folder.resolve("r.html")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("id 5, found [1]");
        assertThatThrownBy(() -> MetricsReport.writeHtml(db(), 1, folder.resolve("none/r.html")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("Cannot write");
    }

    private void recordTraining(int epochs, int stepsPerEpoch) {
        Random random = new Random(7);
        try (MetricsStore store = MetricsStore.open(db(), WriteQueueSettings.defaults(), CLOCK)) {
            Run run = store.startRun(
                    "finetune spectra", Map.of("batch_size", 128, "learning_rate", 1e-3, "spec", "bitspec-48-6"));
            run.tag("baseline");
            long step = 0;
            int total = epochs * stepsPerEpoch;
            for (int epoch = 0; epoch < epochs; epoch++) {
                double sum = 0;
                for (int i = 0; i < stepsPerEpoch; i++) {
                    step++;
                    double loss = 0.25 + 0.6 * Math.exp(-4.0 * step / total) + random.nextGaussian() * 0.03;
                    sum += loss;
                    double rate = 1e-3 * Math.min(1, step / 100.0) * (1 + Math.cos(Math.PI * step / total)) / 2;
                    run.logAll(step, Map.of("loss", loss, "learning_rate", rate));
                }
                run.epochMetric("loss", sum / stepsPerEpoch, 0, epoch, "train");
                run.epochMetric("loss", 0.3 + 0.55 * Math.exp(-4.0 * step / total), 0, epoch, "val");
                run.epochMetric("cosine", 0.75 - 0.6 * Math.exp(-4.0 * step / total), 0, epoch, "val");
            }
            run.event("info", "checkpoint written");
            run.finish(RunStatus.FINISHED);
        }
    }

    /** Every chart is parsed as XML; returns their number. */
    private static int wellFormedCharts(String html) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        int charts = 0;
        for (var match : SVG.matcher(html).results().toList()) {
            factory.newDocumentBuilder()
                    .parse(new ByteArrayInputStream(match.group(1).getBytes(StandardCharsets.UTF_8)));
            charts++;
        }
        return charts;
    }

    private String report() throws IOException {
        Path out = folder.resolve("report.html");
        MetricsReport.writeHtml(db(), 1, out);
        return Files.readString(out);
    }

    private Path db() {
        return folder.resolve("metrics.db");
    }
}
