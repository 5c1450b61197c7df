package dev.millrace.cli;

import dev.millrace.exafs.NumberRanges;
import dev.millrace.exafs.PathCriteria;
import dev.millrace.exafs.PathCriterion;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Criteria of paths as they are written: each key with its text, the same on the command line, behind {@code --or} and in a
 * configuration. A text without anything in it is an empty selection, which takes no path.
 */
final class CriteriaText {
    /** What upstream leaves out with a database if nothing is said, Å. */
    private static final double UPSTREAM_MIN_DISTANCE = 1.0;

    static final String PATHS = "paths";
    static final String ELEMENT_TYPES = "element-types";
    static final String MIN_DISTANCE = "min-distance";
    static final String MAX_DISTANCE = "max-distance";
    static final String FRAMES = "frames";
    static final String START = "start";
    static final String END = "end";
    static final String ATOMS = "atoms";
    static final String LEGS = "nleg";
    static final String NUMBERS = "paths-numbers";
    static final String MIN_DEGENERACY = "min-degeneracy";
    static final String MAX_DEGENERACY = "max-degeneracy";
    static final String ELEMENTS = "elements";
    static final String CONTAINS = "contains";

    private static final Set<String> KEYS = new LinkedHashSet<>(List.of(
            PATHS,
            ELEMENT_TYPES,
            MIN_DISTANCE,
            MAX_DISTANCE,
            FRAMES,
            START,
            END,
            ATOMS,
            LEGS,
            NUMBERS,
            MIN_DEGENERACY,
            MAX_DEGENERACY,
            ELEMENTS,
            CONTAINS));

    private final Map<String, String> texts;
    private final String prefix;

    private CriteriaText(Map<String, String> texts, String prefix) {
        this.texts = texts;
        this.prefix = prefix;
    }

    /**
     * Reads criteria.
     *
     * @param texts by key
     * @param alternatives behind {@code --or}: {@code key=text} parted by blanks, each an own criterion
     * @param upstream whether the end of a range of frames is in it and paths below 1 Å are not, as with a database of MD-EXAFS
     * @throws UsageException if a text does not read as one of its key
     */
    static PathCriteria parse(Map<String, String> texts, List<String> alternatives, boolean upstream) {
        PathCriteria criteria = texts.isEmpty() && !alternatives.isEmpty()
                ? new PathCriteria(List.of())
                : new CriteriaText(texts, "--").criteria(upstream);
        for (String alternative : alternatives) {
            criteria = criteria.or(new CriteriaText(pairs(alternative), "--or: ").criteria(upstream));
        }
        return criteria;
    }

    private static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String pair : text.strip().split("\\s+", -1)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (equals < 0 || !KEYS.contains(key) || pairs.put(key, pair.substring(equals + 1)) != null) {
                throw new UsageException("--or: expected key=value, each key once, of " + String.join(", ", KEYS)
                        + "; found '" + pair + "'.");
            }
        }
        return pairs;
    }

    private PathCriteria criteria(boolean upstream) {
        return Inputs.checked(() -> {
            String paths = texts.get(PATHS);
            boolean numbered = paths != null && !paths.isBlank() && paths.matches("[\\[\\]\\d\\s,-]+");
            if (numbered && texts.containsKey(NUMBERS)) {
                throw new UsageException(
                        prefix + PATHS + " has numbers of paths, and so has --" + NUMBERS + ": expected one.");
            }
            PathCriterion rest = PathCriterion.ANY
                    .elementTypes(names(ELEMENT_TYPES))
                    .absorbers(names(ELEMENTS))
                    .visited(names(CONTAINS))
                    .legCounts(numbers(LEGS))
                    .degeneracy(
                            number(MIN_DEGENERACY, Double.NEGATIVE_INFINITY),
                            number(MAX_DEGENERACY, Double.POSITIVE_INFINITY))
                    .frames(frames(upstream))
                    .atoms(numbers(ATOMS))
                    .numbers(numbers(numbered ? PATHS : NUMBERS));
            List<Double> min = distances(MIN_DISTANCE);
            List<Double> max = distances(MAX_DISTANCE);
            if (upstream && min.isEmpty()) {
                min = List.of(UPSTREAM_MIN_DISTANCE);
            }
            if (paths != null && !numbered) {
                return PathCriteria.perType(list(paths), min, max, rest);
            }
            if (min.size() > 1 || max.size() > 1) {
                throw new UsageException(
                        prefix + MAX_DISTANCE + ": expected one distance where no path types are given, found "
                                + Math.max(min.size(), max.size()) + ".");
            }
            return PathCriteria.of(rest.reff(
                    min.isEmpty() ? Double.NEGATIVE_INFINITY : min.get(0),
                    max.isEmpty() ? Double.POSITIVE_INFINITY : max.get(0)));
        });
    }

    private @Nullable NumberRanges frames(boolean upstream) {
        String start = texts.get(START);
        String end = texts.get(END);
        NumberRanges frames = numbers(FRAMES);
        if (start == null && end == null) {
            return frames;
        }
        if (frames != null) {
            throw new UsageException(
                    prefix + FRAMES + " or --" + START + " and --" + END + ": expected one, found both.");
        }
        long first = start == null ? Long.MIN_VALUE : whole(START, start);
        if (end == null) {
            return NumberRanges.closed(first, Long.MAX_VALUE);
        }
        long last = whole(END, end);
        if (last < first) {
            throw new UsageException(
                    prefix + START + ": expected a frame before --" + END + ", found " + first + " and " + last + ".");
        }
        return upstream ? NumberRanges.closed(first, last) : NumberRanges.halfOpen(first, last);
    }

    private long whole(String key, String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw new UsageException(prefix + key + ": expected a whole number, found '" + text + "'.");
        }
    }

    private double number(String key, double none) {
        String text = texts.get(key);
        return text == null ? none : number(key, text);
    }

    private double number(String key, String text) {
        try {
            double value = Double.parseDouble(text.strip());
            if (value >= 0 && Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException ignored) {
            // Said below.
        }
        throw new UsageException(prefix + key + ": expected a number of at least 0, found '" + text + "'.");
    }

    private List<Double> distances(String key) {
        String text = texts.get(key);
        if (text == null) {
            return List.of();
        }
        List<Double> values = list(text).stream().map(item -> number(key, item)).toList();
        if (values.isEmpty()) {
            throw new UsageException(prefix + key + ": expected a distance in Å, found nothing.");
        }
        return values;
    }

    private @Nullable NumberRanges numbers(String key) {
        String text = texts.get(key);
        return text == null ? null : NumberRanges.parse(prefix + key, text);
    }

    private @Nullable Set<String> names(String key) {
        String text = texts.get(key);
        return text == null ? null : new LinkedHashSet<>(list(text));
    }

    /** Items parted by commas, in brackets or not. */
    private static List<String> list(String text) {
        String inside = text.strip().replaceAll("^\\[|\\]$", "");
        return inside.isBlank()
                ? List.of()
                : Arrays.stream(inside.split(",", -1))
                        .map(item -> item.strip().replaceAll("^[\"']|[\"']$", ""))
                        .filter(item -> !item.isEmpty())
                        .toList();
    }
}
