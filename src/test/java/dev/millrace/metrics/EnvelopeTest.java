package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.WriteQueueSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The envelope out of rollups against all points read one by one. */
final class EnvelopeTest {
    private static final long SEED = 20261121;
    /** Nothing may be dropped here, however busy the machine. */
    private static final WriteQueueSettings PATIENT =
            WriteQueueSettings.defaults().withOverload(WriteQueueSettings.Overload.DROP, Duration.ofSeconds(60));

    @TempDir
    private Path folder;

    @Test
    void envelope_longSeries_bucketsAreWhatTheirPointsAre() {
        List<double[]> points = recordSteps(70_001, step -> step);
        for (double[] range : ranges(70_001)) {
            for (int buckets : List.of(1, 7, 100, 1_000)) {
                Envelope envelope = envelope(Axis.STEP, range[0], range[1], buckets);
                List<double[]> expected = inRange(points, range);
                assertThat(envelope.size())
                        .isBetween(expected.isEmpty() ? 0 : 1, Math.max(buckets, Math.min(buckets, expected.size())));
                int at = 0;
                for (int bucket = 0; bucket < envelope.size(); bucket++) {
                    int count = (int) envelope.counts()[bucket];
                    assertBucket(envelope, bucket, expected.subList(at, at + count));
                    at += count;
                }
                assertThat(at)
                        .as("seed %d, range %s, %d buckets", SEED, range, buckets)
                        .isEqualTo(expected.size());
            }
        }
    }

    @Test
    void envelope_fewPoints_areBucketsOfTheirOwn() {
        recordSteps(500, step -> step * 10);
        Envelope envelope = envelope(Axis.STEP, 100, 2_000, 1_000);
        assertThat(envelope.size()).isEqualTo(191);
        assertThat(envelope.from()).startsWith(100, 110).endsWith(2_000);
        assertThat(envelope.counts()).containsOnly(1);
    }

    @Test
    void envelope_pointsOutOfOrder_losesNoSpikeAndIsOrdered() {
        // Four workers, one after the other, over the same steps; within each the steps jump about.
        List<double[]> points = recordSteps(20_000, number -> (number % 5_000) ^ 5);
        for (double[] range : ranges(5_000)) {
            Envelope envelope = envelope(Axis.STEP, range[0], range[1], 200);
            List<double[]> expected = inRange(points, range);
            assertThat(sum(envelope.counts())).isEqualTo(expected.size());
            assertThat(envelope.from()).isSorted();
            for (double[] point : expected) {
                assertCovered(envelope, point);
            }
            for (int bucket = 0; bucket < envelope.size(); bucket++) {
                assertThat(envelope.from()[bucket]).isGreaterThanOrEqualTo(range[0]);
                assertThat(envelope.to()[bucket]).isLessThanOrEqualTo(range[1]);
            }
        }
    }

    @Test
    void envelope_rollupsMissing_areMadeUpForByPoints() {
        List<double[]> points = recordSteps(30_000, step -> step);
        Envelope before = envelope(Axis.STEP, 0, 30_000, 300);
        try (Database database = Database.open(file(), Access.LIVE)) {
            database.execute(
                    "DELETE FROM rollup WHERE level = 1 AND bucket BETWEEN 50 AND 90",
                    "DELETE FROM rollup WHERE level = 2 AND bucket IN (7, 8)");
        }
        Envelope after = envelope(Axis.STEP, 0, 30_000, 300);
        assertThat(sum(after.counts())).isEqualTo(30_000).isEqualTo(sum(before.counts()));
        points.forEach(point -> assertCovered(after, point));
    }

    @Test
    void envelope_notFinite_isCountedAndDoesNotHideValues() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("nan", Map.of());
            for (int step = 0; step < 4_096; step++) {
                run.log(step, "loss", step % 2 == 0 ? Double.NaN : step % 4 == 1 ? step : Double.POSITIVE_INFINITY);
            }
        }
        Envelope envelope = envelope(Axis.STEP, 0, 4_095, 4);
        assertThat(envelope.counts()).containsExactly(1_024, 1_024, 1_024, 1_024);
        assertThat(envelope.notFinite()).containsExactly(768, 768, 768, 768);
        assertThat(envelope.min()).containsExactly(1, 1_025, 2_049, 3_073);
        assertThat(envelope.max()).containsExactly(1_021, 2_045, 3_069, 4_093);
        assertThat(envelope.mean()).containsExactly(511, 1_535, 2_559, 3_583);
        assertThat(envelope.first()).containsOnly(Double.NaN);
    }

    @Test
    void envelope_timeOfResources_isFound_stepIsNot() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("resources", Map.of());
            for (int sample = 0; sample < 1_000; sample++) {
                run.resource("cpu", "loss", sample);
            }
        }
        assertThat(sum(envelope(Axis.TIME, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 10)
                        .counts()))
                .isEqualTo(1_000);
        assertThat(envelope(Axis.TIME, 0, 1, 10).size()).isZero();
        assertThat(envelope(Axis.STEP, 0, 1e9, 10).size()).isZero();
        assertThat(envelope(Axis.EPOCH, 0, 1e9, 10).size()).isZero();
        assertThatThrownBy(() -> envelope(Axis.TIME, Double.NaN, 1, 10)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> envelope(Axis.TIME, 0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    private List<double[]> recordSteps(int count, java.util.function.LongUnaryOperator stepOf) {
        Random random = new Random(SEED);
        List<double[]> points = new ArrayList<>();
        try (MetricsStore store = MetricsStore.open(file(), PATIENT)) {
            Run run = store.startRun("long", Map.of());
            for (int number = 0; number < count; number++) {
                double value = random.nextInt(3_000) == 0 ? 1e6 * random.nextGaussian() : random.nextGaussian();
                long step = stepOf.applyAsLong(number);
                points.add(new double[] {step, value});
                run.log(step, "loss", value);
            }
            assertThat(store.flush(Duration.ofSeconds(30))).isTrue();
            assertThat(store.counts().dropped()).isZero();
        }
        return points;
    }

    private static List<double[]> ranges(int end) {
        List<double[]> ranges = new ArrayList<>(List.of(
                new double[] {Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY},
                new double[] {0, end},
                new double[] {16, 31},
                new double[] {end / 2.0, end / 2.0 + 0.4},
                new double[] {end + 1, end + 2},
                new double[] {-5, 3}));
        Random random = new Random(SEED);
        for (int i = 0; i < 12; i++) {
            double width = Math.exp(random.nextDouble() * Math.log(end));
            double from = random.nextDouble() * (end - width);
            ranges.add(new double[] {from, from + width});
        }
        return ranges;
    }

    private static List<double[]> inRange(List<double[]> points, double[] range) {
        return points.stream()
                .filter(point -> point[0] >= range[0] && point[0] <= range[1])
                .sorted(Comparator.comparingDouble(point -> point[0]))
                .toList();
    }

    private static void assertBucket(Envelope envelope, int bucket, List<double[]> points) {
        assertThat(envelope.from()[bucket]).isEqualTo(points.get(0)[0]);
        assertThat(envelope.to()[bucket]).isEqualTo(points.get(points.size() - 1)[0]);
        assertThat(envelope.first()[bucket]).isEqualTo(points.get(0)[1]);
        assertThat(envelope.last()[bucket]).isEqualTo(points.get(points.size() - 1)[1]);
        double[] values = points.stream().mapToDouble(point -> point[1]).toArray();
        assertThat(envelope.min()[bucket])
                .isEqualTo(java.util.Arrays.stream(values).min().orElseThrow());
        assertThat(envelope.max()[bucket])
                .isEqualTo(java.util.Arrays.stream(values).max().orElseThrow());
        double mean = java.util.Arrays.stream(values).sum() / values.length;
        assertThat(envelope.mean()[bucket]).isCloseTo(mean, within(1e-9 * Math.max(1, Math.abs(mean))));
    }

    private static void assertCovered(Envelope envelope, double[] point) {
        for (int bucket = 0; bucket < envelope.size() && envelope.from()[bucket] <= point[0]; bucket++) {
            if (envelope.to()[bucket] >= point[0]
                    && envelope.min()[bucket] <= point[1]
                    && envelope.max()[bucket] >= point[1]) {
                return;
            }
        }
        throw new AssertionError("No bucket shows " + point[1] + " at " + point[0]);
    }

    private static long sum(long[] counts) {
        return java.util.Arrays.stream(counts).sum();
    }

    private Envelope envelope(Axis axis, double from, double to, int buckets) {
        try (MetricsReader reader = MetricsReader.open(file())) {
            return reader.envelope(reader.seriesOf(1).get(0), axis, from, to, buckets);
        }
    }

    private Path file() {
        return folder.resolve("metrics.db");
    }
}
