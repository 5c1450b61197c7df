package dev.millrace.dashboard;

import dev.millrace.metrics.Axis;
import dev.millrace.metrics.Envelope;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.SeriesInfo;
import dev.millrace.metrics.SeriesKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import tools.jackson.core.JsonGenerator;

/**
 * The curves of one request. Each is a set of columns over its buckets: {@code x} to {@code x2} (left out where every bucket is
 * one point), {@code y} the mean, {@code min} and {@code max} (likewise left out), and {@code bad}: pairs of a bucket and how
 * many of its values are NaN or infinite. {@code last} is the newest value.
 */
final class ChartReply {
    private static final int MOST_SERIES = 64;
    private static final int MOST_BUCKETS = 2_000;
    private static final int USUAL_BUCKETS = 600;

    private final MetricsFiles files;
    private final Scale scale;
    private final double from;
    private final double to;
    private final int buckets;
    private final List<RunKey> asked;
    private final Map<RunKey, EpochScale> epochs = new HashMap<>();

    /** @throws BadRequestException if the request cannot be understood */
    ChartReply(MetricsFiles files, QueryString query) {
        this.files = files;
        this.scale = Scale.of(query.text("axis", "step"));
        this.from = query.number("from", Double.NEGATIVE_INFINITY);
        this.to = query.number("to", Double.POSITIVE_INFINITY);
        this.buckets = query.integer("buckets", USUAL_BUCKETS, 1, MOST_BUCKETS);
        this.asked = query.all("s").stream().map(RunKey::of).toList();
        if (asked.isEmpty() || asked.size() > MOST_SERIES) {
            throw new BadRequestException(
                    400, "s: expected 1.." + MOST_SERIES + " series, found " + asked.size() + ".");
        }
    }

    byte[] bytes() {
        List<Curve> curves = new ArrayList<>();
        for (RunKey key : asked) {
            MetricsFile file = files.get(key.file());
            SeriesInfo series = file.seriesOf(key.run()).stream()
                    .filter(one -> one.id() == key.series())
                    .findFirst()
                    .orElseThrow(() -> new BadRequestException(404, "There is no series of that number."));
            curves.add(file.read(reader -> curve(reader, key, series)));
        }
        return Json.bytes(json -> {
            json.writeStartObject();
            json.writeArrayPropertyStart("curves");
            curves.forEach(curve -> curve.write(json));
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private Curve curve(MetricsReader reader, RunKey key, SeriesInfo series) {
        return switch (scale) {
            case STEP -> curve(reader, key, series, Axis.STEP, x -> x, x -> x);
            case TIME -> curve(reader, key, series, Axis.TIME, x -> x, x -> x);
            case RELATIVE -> {
                long start = reader.run(key.run()).startedAt().toEpochMilli();
                yield curve(reader, key, series, Axis.TIME, x -> x + start, x -> x - start);
            }
            case EPOCH -> {
                if (series.kind() == SeriesKind.EPOCH) {
                    yield curve(reader, key, series, Axis.EPOCH, x -> x, x -> x);
                }
                EpochScale known = epochs.computeIfAbsent(
                        new RunKey(key.file(), key.run(), 0), missing -> EpochScale.of(reader.epochMetrics(key.run())));
                if (known.isEmpty()) {
                    yield curve(reader, key, series, Axis.EPOCH, x -> x, x -> x);
                }
                yield curve(reader, key, series, Axis.STEP, known::stepOf, known::epochOf);
            }
        };
    }

    private Curve curve(
            MetricsReader reader,
            RunKey key,
            SeriesInfo series,
            Axis axis,
            DoubleUnaryOperator stored,
            DoubleUnaryOperator shown) {
        Envelope envelope =
                reader.envelope(series, axis, stored.applyAsDouble(from), stored.applyAsDouble(to), buckets);
        return new Curve(key, series.count(), envelope, shown);
    }

    /** What the horizontal axis of the page counts. */
    private enum Scale {
        STEP,
        TIME,
        RELATIVE,
        EPOCH;

        static Scale of(String text) {
            try {
                return valueOf(text.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new BadRequestException(400, "axis: expected step, time, relative or epoch.");
            }
        }
    }

    private record Curve(RunKey key, long count, Envelope envelope, DoubleUnaryOperator shown) {
        void write(JsonGenerator json) {
            boolean isRaw = Arrays.stream(envelope.counts()).allMatch(count -> count == 1);
            json.writeStartObject();
            json.writeStringProperty("id", key.file() + "." + key.run() + "." + key.series());
            json.writeNumberProperty("count", count);
            Json.number(json, "last", envelope.size() == 0 ? Double.NaN : envelope.last()[envelope.size() - 1]);
            Json.column(json, "x", places(envelope.from()));
            Json.column(json, "y", envelope.mean());
            if (!isRaw) {
                Json.column(json, "x2", places(envelope.to()));
                Json.column(json, "min", envelope.min());
                Json.column(json, "max", envelope.max());
            }
            json.writeArrayPropertyStart("bad");
            for (int bucket = 0; bucket < envelope.size(); bucket++) {
                if (envelope.notFinite()[bucket] > 0) {
                    json.writeStartArray();
                    json.writeNumber(bucket);
                    json.writeNumber(envelope.notFinite()[bucket]);
                    json.writeEndArray();
                }
            }
            json.writeEndArray();
            json.writeEndObject();
        }

        private double[] places(double[] stored) {
            return Arrays.stream(stored).map(shown).toArray();
        }
    }
}
