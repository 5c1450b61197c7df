package dev.millrace.spectra;

import dev.millrace.build.SplitRatios;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which compound is in which split. Compounds of one group stay together; groups are put in the order of a seeded hash and
 * dealt out until each split has its share, so that also a small dataset gets the sizes it asks for. Immutable.
 */
final class SplitPlan {
    /** Name of this way to divide, kept with every row. */
    static final String SCHEME = "inchikey-block1-smiles-v1";

    static final List<String> NAMES = List.of("train", "val", "test");

    /**
     * A compound that has all a sample needs.
     *
     * @param id key in the database
     * @param inchiKey as in the file
     * @param smiles canonical, without stereo
     */
    record Member(long id, @Nullable String inchiKey, String smiles) {}

    /** Where a compound is, and with whom. */
    record Place(String split, String group) {}

    private final Map<Long, Place> places;

    private SplitPlan(Map<Long, Place> places) {
        this.places = places;
    }

    static SplitPlan of(List<Member> members, SplitRatios ratios, long seed) {
        Groups united = new Groups();
        members.forEach(united::add);
        Map<String, List<Long>> groups = new TreeMap<>();
        for (Member member : members) {
            groups.computeIfAbsent(united.of(member), key -> new ArrayList<>()).add(member.id());
        }
        return deal(groups, members.size(), ratios, seed);
    }

    private static SplitPlan deal(Map<String, List<Long>> groups, int count, SplitRatios ratios, long seed) {
        record Keyed(byte[] hash, String group) {}
        List<Keyed> order = new ArrayList<>(groups.size());
        groups.keySet().forEach(group -> order.add(new Keyed(hash(seed, group), group)));
        order.sort(Comparator.comparing(Keyed::hash, Arrays::compareUnsigned).thenComparing(Keyed::group));
        double[] ends = {ratios.train() * count, (ratios.train() + ratios.validation()) * count};
        Map<Long, Place> places = new TreeMap<>();
        int dealt = 0;
        for (Keyed next : order) {
            List<Long> ids = groups.getOrDefault(next.group(), List.of());
            // By its middle, so that a group goes where most of it belongs.
            double middle = dealt + ids.size() / 2.0;
            String split = NAMES.get(middle <= ends[0] ? 0 : middle <= ends[1] || ratios.test() == 0 ? 1 : 2);
            ids.forEach(id -> places.put(id, new Place(split, next.group())));
            dealt += ids.size();
        }
        return new SplitPlan(places);
    }

    /** Every compound's place, by ascending id. */
    Map<Long, Place> places() {
        return places;
    }

    /** Ascending ids by split; all three names are there. */
    Map<String, long[]> ids() {
        Map<String, long[]> ids = new LinkedHashMap<>();
        for (String split : NAMES) {
            ids.put(
                    split,
                    places.entrySet().stream()
                            .filter(place -> place.getValue().split().equals(split))
                            .mapToLong(Map.Entry::getKey)
                            .toArray());
        }
        return ids;
    }

    private static byte[] hash(long seed, String group) {
        try {
            return MessageDigest.getInstance("SHA-256").digest((seed + ":" + group).getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /**
     * Compounds with the same InChIKey block are one group (tautomers have different SMILES), and so are compounds with the
     * same SMILES (one record of a compound may lack its key, or have another's). The name is the smallest block in the
     * group, else its smallest SMILES.
     */
    private static final class Groups {
        private static final String BLOCK = "B";
        private static final String SMILES = "S";

        private final Map<String, String> parents = new HashMap<>();

        void add(Member member) {
            String block = SpectraSchema.connectivityBlock(member.inchiKey());
            String smiles = root(SMILES + member.smiles());
            if (block != null) {
                String other = root(BLOCK + block);
                // Blocks sort before SMILES, so the smaller root is a block where there is one.
                boolean first = other.compareTo(smiles) <= 0;
                parents.put(first ? smiles : other, first ? other : smiles);
            }
        }

        String of(Member member) {
            return root(SMILES + member.smiles()).substring(1);
        }

        private String root(String node) {
            String at = node;
            String parent = parents.computeIfAbsent(at, key -> key);
            while (!parent.equals(at)) {
                String grandparent = parents.getOrDefault(parent, parent);
                parents.put(at, grandparent);
                at = parent;
                parent = grandparent;
            }
            return at;
        }
    }
}
