package dev.millrace.cli;

import dev.millrace.exafs.PathCriteria;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which paths, on a command line. All that is given must hold; {@code --or} adds others. */
final class ExafsSelection {
    @Option(
            names = "--or",
            paramLabel = "CRITERIA",
            description =
                    "Also paths that meet these, as \"paths=U-O max-distance=3 nleg=2\" with the names of the options"
                            + " here; several times. A path that meets several counts once.")
    private List<String> alternatives = new ArrayList<>();

    @Option(
            names = "--upstream-compat",
            description =
                    "As MD-EXAFS with a database: the frame --end is included, and paths below 1.0 Å are left out unless"
                            + " --min-distance says otherwise.")
    private boolean upstream;

    @Option(
            names = "--paths",
            paramLabel = "TYPES",
            description =
                    "Path types, labels joined by dashes with the absorber first: \"U-O,U-U,U-O-O\". Or, as MD-EXAFS has"
                            + " it, numbers of paths: \"[1,8]\" from 1 to 8, \"[1,3,5]\" these.")
    private @Nullable String paths;

    @Option(
            names = "--element-types",
            paramLabel = "TYPES",
            description = "The same by elements instead of FEFF's labels.")
    private @Nullable String elementTypes;

    @Option(
            names = "--max-distance",
            paramLabel = "A[,A…]",
            description =
                    "Largest half length, Å, itself included; one for all, or one for each of --paths, the last one going"
                            + " on.")
    private @Nullable String maxDistance;

    @Option(names = "--min-distance", paramLabel = "A[,A…]", description = "Smallest half length, Å, likewise.")
    private @Nullable String minDistance;

    @Option(names = "--start", paramLabel = "F", description = "First frame.")
    private @Nullable String start;

    @Option(
            names = "--end",
            paramLabel = "F",
            description = "The frame behind the last: START ≤ frame < END, from a database as from files.")
    private @Nullable String end;

    @Option(names = "--frames", paramLabel = "LIST", description = "Frames instead: 100-110,120.")
    private @Nullable String frames;

    @Option(names = "--atoms", paramLabel = "LIST", description = "Ids of absorbers: 0-3,7.")
    private @Nullable String atoms;

    @Option(
            names = {"--elements", "--element"},
            paramLabel = "LIST",
            description = "Elements of absorbers: U.")
    private @Nullable String elements;

    @Option(
            names = {"--contains", "--contains-element"},
            paramLabel = "LIST",
            description = "Elements of which a path visits one at least after its absorber: O.")
    private @Nullable String contains;

    @Option(names = "--nleg", paramLabel = "LIST", description = "Numbers of legs: 2, or 2-3.")
    private @Nullable String legs;

    @Option(
            names = {"--paths-numbers", "--path-numbers"},
            paramLabel = "LIST",
            description = "NNNN of feffNNNN.dat: 1-8,12. Also \"[1,8]\" and \"[1,3,5]\".")
    private @Nullable String numbers;

    @Option(names = "--min-degeneracy", paramLabel = "N", description = "Smallest degeneracy, itself included.")
    private @Nullable String minDegeneracy;

    @Option(names = "--max-degeneracy", paramLabel = "N", description = "Largest degeneracy, itself included.")
    private @Nullable String maxDegeneracy;

    /** What was given, by key. */
    private Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        put(texts, CriteriaText.PATHS, paths);
        put(texts, CriteriaText.ELEMENT_TYPES, elementTypes);
        put(texts, CriteriaText.MAX_DISTANCE, maxDistance);
        put(texts, CriteriaText.MIN_DISTANCE, minDistance);
        put(texts, CriteriaText.START, start);
        put(texts, CriteriaText.END, end);
        put(texts, CriteriaText.FRAMES, frames);
        put(texts, CriteriaText.ATOMS, atoms);
        put(texts, CriteriaText.ELEMENTS, elements);
        put(texts, CriteriaText.CONTAINS, contains);
        put(texts, CriteriaText.LEGS, legs);
        put(texts, CriteriaText.NUMBERS, numbers);
        put(texts, CriteriaText.MIN_DEGENERACY, minDegeneracy);
        put(texts, CriteriaText.MAX_DEGENERACY, maxDegeneracy);
        return texts;
    }

    private static void put(Map<String, String> texts, String key, @Nullable String text) {
        if (text != null) {
            texts.put(key, text);
        }
    }

    /** Whether anything is selected. */
    boolean isAny() {
        return !texts().isEmpty() || !alternatives.isEmpty();
    }

    /** @throws UsageException if a text does not read */
    PathCriteria criteria() {
        return criteria(Map.of());
    }

    /**
     * What a configuration says, and over it what the command line does.
     *
     * @param configured texts by key
     */
    PathCriteria criteria(Map<String, String> configured) {
        Map<String, String> texts = texts();
        Map<String, String> all = new LinkedHashMap<>(configured);
        if (texts.containsKey(CriteriaText.FRAMES)) {
            all.remove(CriteriaText.START);
            all.remove(CriteriaText.END);
        }
        if (texts.containsKey(CriteriaText.PATHS)) {
            all.remove(CriteriaText.NUMBERS);
        }
        all.putAll(texts);
        return CriteriaText.parse(all, alternatives, upstream);
    }

    /** Whether it is about frames and atoms only. */
    boolean asksNothingOfPaths() {
        return alternatives.isEmpty()
                && Set.of(CriteriaText.FRAMES, CriteriaText.START, CriteriaText.END, CriteriaText.ATOMS)
                        .containsAll(texts().keySet());
    }
}
