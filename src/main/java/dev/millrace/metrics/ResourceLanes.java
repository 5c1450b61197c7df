package dev.millrace.metrics;

import dev.millrace.chart.ChartAxis;
import dev.millrace.chart.Colour;
import dev.millrace.chart.Line;
import dev.millrace.chart.Panel;
import dev.millrace.chart.Span;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the machine did, over the minutes of a run. */
final class ResourceLanes {
    private static final double MILLIS_PER_MINUTE = 60_000;
    private static final Map<String, String> LABELS = Map.of(
            "system_total", "system",
            "process_tree", "process tree",
            "heap_used", "heap used",
            "heap_committed", "heap committed",
            "non_heap_used", "outside of the heap",
            "system_used", "system",
            "process_tree_used", "process tree");

    private final MetricsReader reader;
    private final RunInfo run;
    private final int buckets;
    private final List<SeriesInfo> resources;
    private final List<Span> stages;

    ResourceLanes(MetricsReader reader, RunInfo run, int buckets) {
        this.reader = reader;
        this.run = run;
        this.buckets = buckets;
        this.resources = reader.seriesOf(run.id()).stream()
                .filter(series -> series.kind() == SeriesKind.RESOURCE && series.count() > 0)
                .toList();
        this.stages = stages();
    }

    boolean isEmpty() {
        return resources.isEmpty() && stages.isEmpty();
    }

    /** Processors, memory and GPUs, always all three. */
    List<Panel> three() {
        return List.of(
                lane("CPU", "cpu", "percent", "No CPU samples"),
                lane("RAM", "ram", ofScope("ram", "percent").isEmpty() ? "MiB" : "percent", "No RAM samples"),
                gpus());
    }

    /** The three, and whatever else was measured. */
    List<Panel> all() {
        List<Panel> lanes = new ArrayList<>(three());
        Map<String, List<SeriesInfo>> rest = new TreeMap<>();
        for (SeriesInfo series : resources) {
            boolean shown = (series.scope().equals("cpu") && isPercent(series))
                    || series.scope().equals("ram")
                    || (series.scope().equals("gpu") && gpuKind(series) != null);
            if (!shown) {
                rest.computeIfAbsent(series.scope() + '\n' + series.unit(), key -> new ArrayList<>())
                        .add(series);
            }
        }
        rest.values()
                .forEach(group ->
                        lanes.add(lane(title(group.get(0)), group, group.get(0).unit(), "No samples")));
        return lanes;
    }

    private static String label(SeriesInfo series) {
        return series.scope().equals("gpu")
                ? series.name().replaceFirst("_(power|temperature)$", "")
                : LABELS.getOrDefault(series.name(), series.name());
    }

    private static String title(SeriesInfo series) {
        if (series.scope().equals("gpu")) {
            return series.name().endsWith("_power")
                    ? "GPU power"
                    : series.name().endsWith("_temperature") ? "GPU temperature" : "GPU";
        }
        return switch (series.scope()) {
            case "jvm" -> "JVM";
            case "disk" -> "Disk";
            case "cpu" -> "CPU";
            default -> series.scope().isEmpty() ? "Other" : series.scope();
        };
    }

    private Panel lane(String title, String scope, String unit, String note) {
        return lane(title, ofScope(scope, unit), unit, note);
    }

    private Panel lane(String title, List<SeriesInfo> group, String unit, String note) {
        List<Line> lines = new ArrayList<>();
        // The whole machine first: "system" before "process tree".
        for (SeriesInfo series : group.stream()
                .sorted(Comparator.comparing(one -> !one.name().startsWith("system")))
                .toList()) {
            lines.add(line(series, label(series)));
        }
        return Panel.of(title, minutes(), vertical(group, unit), lines)
                .withNote(note)
                .withSpans(stages);
    }

    /** Load on the left, memory on the right and dashed, a colour for each device. */
    private Panel gpus() {
        List<SeriesInfo> load = new ArrayList<>();
        List<SeriesInfo> memory = new ArrayList<>();
        for (SeriesInfo series : resources) {
            String kind = series.scope().equals("gpu") ? gpuKind(series) : null;
            if (kind != null) {
                (kind.equals("_memory") ? memory : load).add(series);
            }
        }
        List<String> devices = resources.stream()
                .filter(series -> load.contains(series) || memory.contains(series))
                .map(ResourceLanes::device)
                .distinct()
                .toList();
        String note = resources.isEmpty() ? "No GPU samples" : "No GPUs detected";
        Panel panel = Panel.of("GPU", minutes(), vertical(load, "utilisation, %"), gpuLines(load, devices, "", 0))
                .withNote(note)
                .withSpans(stages);
        return memory.isEmpty()
                ? panel
                : panel.withSecond(
                        vertical(memory, "memory (dashed), %"),
                        gpuLines(memory, devices, " memory", 1).stream()
                                .map(Line::dashed)
                                .toList());
    }

    private List<Line> gpuLines(List<SeriesInfo> group, List<String> devices, String suffix, int shift) {
        List<Line> lines = new ArrayList<>();
        for (SeriesInfo series : group) {
            String device = device(series);
            // One device: two colours say more. Several: a colour for each.
            int colour = devices.size() == 1 ? 2 + shift : devices.indexOf(device);
            lines.add(line(series, device + suffix).in(Colour.ofLine(colour)));
        }
        return lines;
    }

    private static String device(SeriesInfo series) {
        return series.name().replaceFirst("_(utilization|memory)$", "");
    }

    private static @Nullable String gpuKind(SeriesInfo series) {
        for (String kind : List.of("_utilization", "_memory")) {
            if (series.name().endsWith(kind)) {
                return kind;
            }
        }
        return null;
    }

    private List<SeriesInfo> ofScope(String scope, String unit) {
        return resources.stream()
                .filter(series -> series.scope().equals(scope)
                        && (series.unit().equals(unit) || (unit.equals("percent") && isPercent(series))))
                .toList();
    }

    /** Files from before units were kept have percentages only. */
    private static boolean isPercent(SeriesInfo series) {
        return series.unit().equals("percent") || series.unit().isEmpty();
    }

    /** Percentages from 0 to 100 as long as they are some; everything else from 0. */
    private ChartAxis vertical(List<SeriesInfo> group, String label) {
        ChartAxis axis = ChartAxis.number(label.equals("percent") ? "%" : label);
        if (group.isEmpty() || !group.stream().allMatch(ResourceLanes::isPercent)) {
            return axis;
        }
        for (SeriesInfo series : group) {
            Envelope whole = reader.envelope(series, Axis.TIME, -Double.MAX_VALUE, Double.MAX_VALUE, 1);
            for (int i = 0; i < whole.size(); i++) {
                if (whole.min()[i] < 0 || whole.max()[i] > 100) {
                    return axis;
                }
            }
        }
        return axis.from(0.0, 100.0);
    }

    private Line line(SeriesInfo series, String label) {
        Envelope envelope = reader.envelope(series, Axis.TIME, -Double.MAX_VALUE, Double.MAX_VALUE, buckets);
        return RunCurves.line(label, envelope, (double) run.startedAt().toEpochMilli(), MILLIS_PER_MINUTE);
    }

    private static ChartAxis minutes() {
        return ChartAxis.number("minutes since the start of the run");
    }

    private List<Span> stages() {
        Instant end = run.endedAt() == null ? run.lastSeenAt() : run.endedAt();
        List<Span> spans = new ArrayList<>();
        for (StageSpan stage : reader.stages(run.id())) {
            double from = (stage.startedMillis() - run.startedAt().toEpochMilli()) / MILLIS_PER_MINUTE;
            Double seconds = stage.durationSeconds();
            double to = seconds == null
                    ? (end.toEpochMilli() - run.startedAt().toEpochMilli()) / MILLIS_PER_MINUTE
                    : from + seconds / 60;
            if (Double.isFinite(to)) {
                spans.add(new Span(from, Math.max(from, to), stage.name(), stage.status() == StageStatus.FAILED));
            }
        }
        return spans;
    }
}
