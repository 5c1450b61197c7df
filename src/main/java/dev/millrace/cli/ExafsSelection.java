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
    private final Map<String, String> texts = new LinkedHashMap<>();

    @Option(
            names = "--or",
            paramLabel = "CRITERIA",
            description = "Also paths that meet these, as \"paths=U-O max-distance=3 nleg=2\" with the names of the options"
                    + " here; several times. A path that meets several counts once.")
    private List<String> alternatives = new ArrayList<>();

    @Option(
            names = "--upstream-compat",
            description = "As MD-EXAFS with a database: the frame --end is included, and paths below 1.0 Å are left out unless"
                    + " --min-distance says otherwise.")
    private boolean upstream;

    @Option(
            names = "--paths",
            paramLabel = "TYPES",
            description = "Path types, labels joined by dashes with the absorber first: \"U-O,U-U,U-O-O\". Or, as MD-EXAFS has"
                    + " it, numbers of paths: \"[1,8]\" from 1 to 8, \"[1,3,5]\" these.")
    private void setPaths(@Nullable String text) {
        put(CriteriaText.PATHS, text);
    }

    @Option(
            names = "--element-types",
            paramLabel = "TYPES",
            description = "The same by elements instead of FEFF's labels.")
    private void setElementTypes(@Nullable String text) {
        put(CriteriaText.ELEMENT_TYPES, text);
    }

    @Option(
            names = "--max-distance",
            paramLabel = "A[,A…]",
            description = "Largest half length, Å, itself included; one for all, or one for each of --paths, the last one going"
                    + " on.")
    private void setMaxDistance(@Nullable String text) {
        put(CriteriaText.MAX_DISTANCE, text);
    }

    @Option(names = "--min-distance", paramLabel = "A[,A…]", description = "Smallest half length, Å, likewise.")
    private void setMinDistance(@Nullable String text) {
        put(CriteriaText.MIN_DISTANCE, text);
    }

    @Option(names = "--start", paramLabel = "F", description = "First frame.")
    private void setStart(@Nullable String text) {
        put(CriteriaText.START, text);
    }

    @Option(names = "--end", paramLabel = "F", description = "The frame behind the last: START ≤ frame < END, from a database as from files.")
    private void setEnd(@Nullable String text) {
        put(CriteriaText.END, text);
    }

    @Option(names = "--frames", paramLabel = "LIST", description = "Frames instead: 100-110,120.")
    private void setFrames(@Nullable String text) {
        put(CriteriaText.FRAMES, text);
    }

    @Option(names = "--atoms", paramLabel = "LIST", description = "Ids of absorbers: 0-3,7.")
    private void setAtoms(@Nullable String text) {
        put(CriteriaText.ATOMS, text);
    }

    @Option(
            names = {"--elements", "--element"},
            paramLabel = "LIST",
            description = "Elements of absorbers: U.")
    private void setElements(@Nullable String text) {
        put(CriteriaText.ELEMENTS, text);
    }

    @Option(
            names = {"--contains", "--contains-element"},
            paramLabel = "LIST",
            description = "Elements of which a path visits one at least after its absorber: O.")
    private void setContains(@Nullable String text) {
        put(CriteriaText.CONTAINS, text);
    }

    @Option(names = "--nleg", paramLabel = "LIST", description = "Numbers of legs: 2, or 2-3.")
    private void setLegs(@Nullable String text) {
        put(CriteriaText.LEGS, text);
    }

    @Option(
            names = {"--paths-numbers", "--path-numbers"},
            paramLabel = "LIST",
            description = "NNNN of feffNNNN.dat: 1-8,12. Also \"[1,8]\" and \"[1,3,5]\".")
    private void setNumbers(@Nullable String text) {
        put(CriteriaText.NUMBERS, text);
    }

    @Option(names = "--min-degeneracy", paramLabel = "N", description = "Smallest degeneracy, itself included.")
    private void setMinDegeneracy(@Nullable String text) {
        put(CriteriaText.MIN_DEGENERACY, text);
    }

    @Option(names = "--max-degeneracy", paramLabel = "N", description = "Largest degeneracy, itself included.")
    private void setMaxDegeneracy(@Nullable String text) {
        put(CriteriaText.MAX_DEGENERACY, text);
    }

    private void put(String key, @Nullable String text) {
        // picocli resets each option with null before it reads the command line.
        if (text == null) {
            texts.remove(key);
        } else {
            texts.put(key, text);
        }
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
                        .containsAll(texts.keySet());
    }
}
