package dev.millrace.pcqm;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Counts and statistics of the molecules written so far, in double and in the order of the input, so that they are the same
 * for any number of threads, and exactly saved and restored. One thread at a time.
 */
final class PcqmTotals {
    private static final String MOLECULES = "molecules";
    private static final String GAP = "homo_lumo_gap";

    /* A target of such a name would write its mean over another number, or be mistaken for the gap. */
    private static final Set<String> TAKEN =
            Set.of(GAP, "homolumogap", "idx", "smiles", "num_atoms", "num_edges", MOLECULES, "labelled");

    private static final Pattern TARGET_NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    /** Mean and spread of numbers as they come (Welford 1962). */
    private static final class Moments {
        private long count;
        private double mean;
        private double squares;
        private double min = Double.POSITIVE_INFINITY;
        private double max = Double.NEGATIVE_INFINITY;

        void add(double value) {
            count++;
            double off = value - mean;
            mean += off / count;
            squares += off * (value - mean);
            min = Math.min(min, value);
            max = Math.max(max, value);
        }

        String save() {
            return count + " " + Double.toHexString(mean) + " " + Double.toHexString(squares) + " "
                    + Double.toHexString(min) + " " + Double.toHexString(max);
        }

        void restore(String saved) {
            String[] part = saved.split(" ", -1);
            count = Long.parseLong(part[0]);
            mean = Double.parseDouble(part[1]);
            squares = Double.parseDouble(part[2]);
            min = Double.parseDouble(part[3]);
            max = Double.parseDouble(part[4]);
        }
    }

    private final Map<String, Long> counts = new TreeMap<>();
    private final Map<String, Moments> moments = new LinkedHashMap<>();
    private final Moments[] further;
    private final Moments gap;
    private final long[] sizes = new long[4];

    PcqmTotals(List<String> furtherTargets) {
        gap = moments.computeIfAbsent(GAP, key -> new Moments());
        further = new Moments[furtherTargets.size()];
        for (int i = 0; i < further.length; i++) {
            further[i] = moments.computeIfAbsent(furtherTargets.get(i), key -> new Moments());
        }
    }

    /**
     * The names of further targets, if statistics can be kept under them and {@code dataset_info} can list them.
     *
     * @throws IllegalArgumentException naming every one that is not usable
     */
    static List<String> requireTargetNames(List<String> names) {
        Set<String> known = new HashSet<>(TAKEN);
        List<String> faults = names.stream()
                .filter(name -> !TARGET_NAME.matcher(name).matches() || !known.add(name.toLowerCase(Locale.ROOT)))
                .toList();
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException("Further targets: expected each name once, of letters, digits and _ . -,"
                    + " and none of " + new TreeSet<>(TAKEN) + ", found " + faults + ".");
        }
        return List.copyOf(names);
    }

    void add(PcqmMolecule molecule) {
        count(MOLECULES, 1);
        count(MOLECULES + "_" + molecule.split(), 1);
        sizes[0] += molecule.atoms();
        sizes[1] = Math.max(sizes[1], molecule.atoms());
        sizes[2] += molecule.edges();
        sizes[3] = Math.max(sizes[3], molecule.edges());
        Double label = molecule.gap();
        if (label == null) {
            return;
        }
        count("labelled_" + molecule.split(), 1);
        if (molecule.split().equals(PcqmSplits.TRAIN)) {
            gap.add(label);
            for (int i = 0; i < further.length; i++) {
                if (!Float.isNaN(molecule.further()[i])) {
                    further[i].add(molecule.further()[i]);
                }
            }
        }
    }

    void add(PcqmReject reject) {
        count("rejects_" + reject.reason().word(), 1);
    }

    void leftOut(long records) {
        count("left_out", records);
    }

    void alreadyStored(long records) {
        count("already_stored", records);
    }

    private void count(String name, long more) {
        if (more != 0) {
            counts.merge(name, more, Long::sum);
        }
    }

    long molecules() {
        return counts.getOrDefault(MOLECULES, 0L);
    }

    long inSplit(String split) {
        return counts.getOrDefault(MOLECULES + "_" + split, 0L);
    }

    long labelled(String split) {
        return counts.getOrDefault("labelled_" + split, 0L);
    }

    long unlabelled() {
        long labelled = counts.entrySet().stream()
                .filter(count -> count.getKey().startsWith("labelled_"))
                .mapToLong(Map.Entry::getValue)
                .sum();
        return molecules() - labelled;
    }

    long leftOut() {
        return counts.getOrDefault("left_out", 0L);
    }

    long alreadyStored() {
        return counts.getOrDefault("already_stored", 0L);
    }

    long rejected() {
        return rejects().values().stream().mapToLong(Long::longValue).sum();
    }

    /** Rejects by reason. */
    Map<String, Long> rejects() {
        Map<String, Long> rejects = new TreeMap<>();
        counts.forEach((name, count) -> {
            if (name.startsWith("rejects_")) {
                rejects.put(name.substring("rejects_".length()), count);
            }
        });
        return rejects;
    }

    /** The rows of {@code dataset_stats}; a target without any label in the training split has none. */
    Map<String, String> statistics(List<String> splits) {
        Map<String, String> rows = new LinkedHashMap<>();
        rows.put(MOLECULES, Long.toString(molecules()));
        for (String split : splits) {
            rows.put("molecules_" + split, Long.toString(inSplit(split)));
            rows.put("labelled_" + split, Long.toString(labelled(split)));
        }
        moments.forEach((name, of) -> {
            if (of.count > 0) {
                rows.put(name + "_mean", Double.toString(of.mean));
                rows.put(name + "_std", Double.toString(Math.sqrt(of.squares / of.count)));
                rows.put(name + "_min", Double.toString(of.min));
                rows.put(name + "_max", Double.toString(of.max));
            }
        });
        if (molecules() > 0) {
            rows.put("num_atoms_mean", Double.toString((double) sizes[0] / molecules()));
            rows.put("num_atoms_max", Long.toString(sizes[1]));
            rows.put("num_edges_mean", Double.toString((double) sizes[2] / molecules()));
            rows.put("num_edges_max", Long.toString(sizes[3]));
        }
        return rows;
    }

    /** Everything as text, for {@link #restore}. */
    String save() {
        StringBuilder text = new StringBuilder();
        counts.forEach((name, count) -> text.append("count\t" + name + "\t" + count + "\n"));
        moments.forEach((name, of) -> text.append("moments\t" + name + "\t" + of.save() + "\n"));
        for (int i = 0; i < sizes.length; i++) {
            text.append("size\t" + i + "\t" + sizes[i] + "\n");
        }
        return text.toString();
    }

    /** As {@link #save}, to be an entry of {@code dataset_info}; neither sign is in the name of a count or a target. */
    String oneLine() {
        return save().replace('\n', ';').replace('\t', ' ');
    }

    /** What {@link #save} gave, of what {@link #oneLine} made of it. */
    static String ofOneLine(String line) {
        StringBuilder text = new StringBuilder();
        for (String entry : line.split(";", -1)) {
            // The numbers of moments are divided by blanks in either form; behind the last sign there is nothing.
            text.append(entry.isEmpty() ? "" : String.join("\t", entry.split(" ", 3)) + "\n");
        }
        return text.toString();
    }

    /** Sets everything to what was saved. */
    void restore(String saved) {
        saved.lines().forEach(line -> {
            String[] part = line.split("\t", -1);
            switch (part[0]) {
                case "count" -> counts.put(part[1], Long.parseLong(part[2]));
                case "moments" ->
                    moments.computeIfAbsent(part[1], key -> new Moments()).restore(part[2]);
                default -> sizes[Integer.parseInt(part[1])] = Long.parseLong(part[2]);
            }
        });
    }
}
