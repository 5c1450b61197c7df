package dev.millrace.exafs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which paths are wanted: those that meet one criterion at least. A path that meets several counts once. Immutable.
 *
 * @param anyOf none of them lets no path through
 */
public record PathCriteria(List<PathCriterion> anyOf) {
    /** Every path. */
    public static final PathCriteria ALL = new PathCriteria(List.of(PathCriterion.ANY));

    public PathCriteria {
        // The same twice changes nothing.
        anyOf = List.copyOf(new LinkedHashSet<>(anyOf));
    }

    /** One criterion. */
    public static PathCriteria of(PathCriterion criterion) {
        return new PathCriteria(List.of(criterion));
    }

    /**
     * Types, each with bounds of its own. A list of bounds that is shorter than the types goes on with its last value; an empty
     * one bounds nothing. A type that is named twice takes what either of its bounds lets through.
     *
     * @param types labels joined by dashes; none of them lets no path through
     * @param minReff Å
     * @param maxReff Å
     * @param rest what every path has to be beside that; its own types and bounds are replaced
     * @throws IllegalArgumentException if there are more bounds than types, or a lower one is above its upper one
     */
    public static PathCriteria perType(
            List<String> types, List<Double> minReff, List<Double> maxReff, PathCriterion rest) {
        if (minReff.size() > Math.max(1, types.size()) || maxReff.size() > Math.max(1, types.size())) {
            throw new IllegalArgumentException("Path distances: expected at most one for each of " + types.size()
                    + " path types, found " + minReff.size() + " smallest and " + maxReff.size() + " largest.");
        }
        // Types with the same bounds share a criterion, so that the query stays short.
        Map<List<Double>, Set<String>> grouped = new LinkedHashMap<>();
        for (int i = 0; i < types.size(); i++) {
            double min = at(minReff, i, Double.NEGATIVE_INFINITY);
            double max = at(maxReff, i, Double.POSITIVE_INFINITY);
            grouped.computeIfAbsent(List.of(min, max), bounds -> new LinkedHashSet<>())
                    .add(types.get(i));
        }
        List<PathCriterion> anyOf = new ArrayList<>();
        grouped.forEach((bounds, names) -> anyOf.add(rest.types(names).reff(bounds.get(0), bounds.get(1))));
        return new PathCriteria(anyOf);
    }

    private static double at(List<Double> values, int i, double none) {
        return values.isEmpty() ? none : values.get(Math.min(i, values.size() - 1));
    }

    /** Those of either. */
    public PathCriteria or(PathCriteria others) {
        List<PathCriterion> both = new ArrayList<>(anyOf);
        both.addAll(others.anyOf);
        return new PathCriteria(both);
    }

    boolean takes(PathEntry path) {
        return anyOf.stream().anyMatch(criterion -> criterion.takes(path));
    }

    boolean takesAbsorber(long frame, long atomId, String element) {
        return anyOf.stream().anyMatch(criterion -> criterion.takesAbsorber(frame, atomId, element));
    }

    boolean needsElements() {
        return anyOf.stream().anyMatch(PathCriterion::needsElements);
    }

    /** In words, for a head line or an error. */
    @Override
    public String toString() {
        return anyOf.isEmpty()
                ? "no path"
                : anyOf.stream().map(PathCriterion::toString).collect(Collectors.joining("; or "));
    }
}
