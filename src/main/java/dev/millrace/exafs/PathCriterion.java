package dev.millrace.exafs;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a path has to be: all of it. Immutable. Null asks nothing; an empty set lets nothing through.
 *
 * <pre>{@code
 *   PathCriterion.ANY.types(Set.of("U-O")).reff(0, 4.0).frames(NumberRanges.halfOpen(100, 120))
 * }</pre>
 *
 * @param types labels joined by dashes, absorber first, as {@link PathType#name()}
 * @param elementTypes elements joined by dashes, as {@link PathType#elementName()}
 * @param absorbers symbols of absorbing atoms
 * @param visited symbols of elements of which one at least is visited after the absorber
 * @param legCounts numbers of legs
 * @param minReff smallest half length, Å, itself inside; −∞ asks nothing
 * @param maxReff largest half length, Å, itself inside; ∞ asks nothing
 * @param minDegeneracy smallest degeneracy, itself inside
 * @param maxDegeneracy largest degeneracy, itself inside
 * @param frames of the trajectory
 * @param atoms ids of absorbing atoms
 * @param numbers NNNN of feffNNNN.dat
 */
public record PathCriterion(
        @Nullable Set<String> types,
        @Nullable Set<String> elementTypes,
        @Nullable Set<String> absorbers,
        @Nullable Set<String> visited,
        @Nullable NumberRanges legCounts,
        double minReff,
        double maxReff,
        double minDegeneracy,
        double maxDegeneracy,
        @Nullable NumberRanges frames,
        @Nullable NumberRanges atoms,
        @Nullable NumberRanges numbers) {
    private static final double NONE = Double.NEGATIVE_INFINITY;
    private static final double ALL = Double.POSITIVE_INFINITY;

    /** Asks nothing: every path. */
    public static final PathCriterion ANY =
            new PathCriterion(null, null, null, null, null, NONE, ALL, NONE, ALL, null, null, null);

    /** @throws IllegalArgumentException if a bound is NaN, or the lower above the upper */
    public PathCriterion {
        types = sorted(types);
        elementTypes = sorted(elementTypes);
        absorbers = sorted(absorbers);
        visited = sorted(visited);
        requireBounds("distance", minReff, maxReff);
        requireBounds("degeneracy", minDegeneracy, maxDegeneracy);
    }

    private static @Nullable Set<String> sorted(@Nullable Set<String> given) {
        return given == null ? null : Collections.unmodifiableSet(new TreeSet<>(given));
    }

    private static void requireBounds(String what, double min, double max) {
        if (!(min <= max)) {
            throw new IllegalArgumentException(
                    "Path " + what + ": expected a smallest below the largest, found " + min + " and " + max + ".");
        }
    }

    public PathCriterion types(@Nullable Set<String> wanted) {
        return with(criterion -> criterion.types = wanted);
    }

    public PathCriterion elementTypes(@Nullable Set<String> wanted) {
        return with(criterion -> criterion.elementTypes = wanted);
    }

    public PathCriterion absorbers(@Nullable Set<String> wanted) {
        return with(criterion -> criterion.absorbers = wanted);
    }

    public PathCriterion visited(@Nullable Set<String> wanted) {
        return with(criterion -> criterion.visited = wanted);
    }

    public PathCriterion legCounts(@Nullable NumberRanges wanted) {
        return with(criterion -> criterion.legCounts = wanted);
    }

    public PathCriterion reff(double min, double max) {
        return with(criterion -> {
            criterion.minReff = min;
            criterion.maxReff = max;
        });
    }

    public PathCriterion degeneracy(double min, double max) {
        return with(criterion -> {
            criterion.minDegeneracy = min;
            criterion.maxDegeneracy = max;
        });
    }

    public PathCriterion frames(@Nullable NumberRanges wanted) {
        return with(criterion -> criterion.frames = wanted);
    }

    public PathCriterion atoms(@Nullable NumberRanges wanted) {
        return with(criterion -> criterion.atoms = wanted);
    }

    public PathCriterion numbers(@Nullable NumberRanges wanted) {
        return with(criterion -> criterion.numbers = wanted);
    }

    private PathCriterion with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A criterion while something in it is replaced. */
    private static final class Draft {
        private @Nullable Set<String> types;
        private @Nullable Set<String> elementTypes;
        private @Nullable Set<String> absorbers;
        private @Nullable Set<String> visited;
        private @Nullable NumberRanges legCounts;
        private double minReff;
        private double maxReff;
        private double minDegeneracy;
        private double maxDegeneracy;
        private @Nullable NumberRanges frames;
        private @Nullable NumberRanges atoms;
        private @Nullable NumberRanges numbers;

        Draft(PathCriterion from) {
            types = from.types;
            elementTypes = from.elementTypes;
            absorbers = from.absorbers;
            visited = from.visited;
            legCounts = from.legCounts;
            minReff = from.minReff;
            maxReff = from.maxReff;
            minDegeneracy = from.minDegeneracy;
            maxDegeneracy = from.maxDegeneracy;
            frames = from.frames;
            atoms = from.atoms;
            numbers = from.numbers;
        }

        PathCriterion finish() {
            return new PathCriterion(
                    types,
                    elementTypes,
                    absorbers,
                    visited,
                    legCounts,
                    minReff,
                    maxReff,
                    minDegeneracy,
                    maxDegeneracy,
                    frames,
                    atoms,
                    numbers);
        }
    }

    /** Whether it needs to know more of the atoms than their labels. */
    boolean needsElements() {
        return elementTypes != null || visited != null;
    }

    /** Whether an absorber may be such, whatever its element is. */
    boolean takesAbsorber(long frame, long atomId) {
        return (frames == null || frames.contains(frame)) && (atoms == null || atoms.contains(atomId));
    }

    /** Whether an absorber is such, whatever its paths are. */
    boolean takesAbsorber(long frame, long atomId, String element) {
        return takesAbsorber(frame, atomId) && (absorbers == null || absorbers.contains(element));
    }

    /** Whether a file of this number may be such, whatever is in it. */
    boolean takesNumber(long number) {
        return numbers == null || numbers.contains(number);
    }

    /** Whether the atoms are such, whatever else the path is. */
    boolean takesType(PathType type) {
        return (types == null || types.contains(type.name()))
                && (elementTypes == null || elementTypes.contains(type.elementName()))
                && (legCounts == null || legCounts.contains(type.legCount()))
                && (visited == null || type.elements().stream().skip(1).anyMatch(visited::contains));
    }

    /** Whether it asks nothing of a path but its half length and its atoms. */
    boolean asksLengthAndTypeOnly() {
        return numbers == null && minDegeneracy == NONE && maxDegeneracy == ALL;
    }

    boolean takes(PathEntry path) {
        return takesAbsorber(path.frame(), path.atomId(), path.element())
                && takesNumber(path.number())
                && takesType(path.type())
                && path.reff() >= minReff
                && path.reff() <= maxReff
                && path.degeneracy() >= minDegeneracy
                && path.degeneracy() <= maxDegeneracy;
    }

    /** In words, for a head line or an error: {@code types U-O, reff ≤ 4.0 Å, frames 100-119}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        add(text, "types ", types);
        add(text, "element types ", elementTypes);
        add(text, "absorbers ", absorbers);
        add(text, "visiting ", visited);
        add(text, "legs ", legCounts);
        addBounds(text, "reff", minReff, maxReff, " Å");
        addBounds(text, "degeneracy", minDegeneracy, maxDegeneracy, "");
        add(text, "frames ", frames);
        add(text, "atoms ", atoms);
        add(text, "path numbers ", numbers);
        return text.isEmpty() ? "all paths" : text.toString();
    }

    private static void add(StringBuilder text, String what, @Nullable Object wanted) {
        if (wanted != null) {
            String shown = wanted instanceof Set<?> names
                    ? names.isEmpty()
                            ? "none"
                            : String.join(
                                    " ", names.stream().map(String::valueOf).toList())
                    : wanted.toString();
            text.append(text.isEmpty() ? "" : ", ").append(what).append(shown);
        }
    }

    private static void addBounds(StringBuilder text, String what, double min, double max, String unit) {
        if (min > NONE) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(what)
                    .append(" ≥ ")
                    .append(min)
                    .append(unit);
        }
        if (max < ALL) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(what)
                    .append(" ≤ ")
                    .append(max)
                    .append(unit);
        }
    }
}
