package dev.millrace.spectra;

import dev.millrace.build.SplitRatios;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** A compound that has its place already. */
    record Placed(Member member, Place place) {}

    private final Map<Long, Place> places;

    private SplitPlan(Map<Long, Place> places) {
        this.places = places;
    }

    static SplitPlan of(List<Member> members, SplitRatios ratios, long seed) {
        Groups united = new Groups();
        members.forEach(united::add);
        double[] ends = {ratios.train() * members.size(), (ratios.train() + ratios.validation()) * members.size()};
        return new SplitPlan(deal(grouped(members, united), ends, ratios.test() == 0, seed));
    }

    /**
     * Places for compounds that come later. One of a group that has its place goes there. Other groups are dealt out to what each
     * split lacks of its share of all, so that also many small additions come to the shares. A compound that belongs to groups of
     * two splits, and those that belong to it, get no place: in either it would be known from the other.
     *
     * @param there who has a place, which stays
     * @return places of {@code members} only
     */
    static SplitPlan extend(List<Placed> there, List<Member> members, SplitRatios ratios, long seed) {
        Groups united = new Groups();
        there.forEach(placed -> united.add(placed.member()));
        members.forEach(united::add);
        Map<String, Place> known = new TreeMap<>();
        Set<String> divided = new HashSet<>();
        Map<String, Integer> counts = new TreeMap<>();
        for (Placed placed : there) {
            String group = united.of(placed.member());
            Place before = known.putIfAbsent(group, placed.place());
            if (before != null && !before.split().equals(placed.place().split())) {
                divided.add(group);
            }
            counts.merge(placed.place().split(), 1, Integer::sum);
        }
        Map<Long, Place> places = new TreeMap<>();
        List<Member> others = new ArrayList<>();
        for (Member member : members) {
            String group = united.of(member);
            Place place = known.get(group);
            if (place == null) {
                others.add(member);
            } else if (!divided.contains(group)) {
                places.put(member.id(), place);
                counts.merge(place.split(), 1, Integer::sum);
            }
        }
        places.putAll(deal(grouped(others, united), missing(counts, others.size(), ratios), ratios.test() == 0, seed));
        return new SplitPlan(places);
    }

    /** Where to end train and val among so many compounds more, for each split to get what it lacks. */
    private static double[] missing(Map<String, Integer> counts, int more, SplitRatios ratios) {
        double[] sizes = ratios.divide(
                more,
                counts.getOrDefault(NAMES.get(0), 0),
                counts.getOrDefault(NAMES.get(1), 0),
                counts.getOrDefault(NAMES.get(2), 0));
        return new double[] {sizes[0], sizes[0] + sizes[1]};
    }

    private static Map<String, List<Long>> grouped(List<Member> members, Groups united) {
        Map<String, List<Long>> groups = new TreeMap<>();
        for (Member member : members) {
            groups.computeIfAbsent(united.of(member), key -> new ArrayList<>()).add(member.id());
        }
        return groups;
    }

    /** @param ends how many compounds are in train, and in train and val */
    private static Map<Long, Place> deal(
            Map<String, List<Long>> groups, double[] ends, boolean withoutTest, long seed) {
        record Keyed(byte[] hash, String group) {}
        List<Keyed> order = new ArrayList<>(groups.size());
        groups.keySet().forEach(group -> order.add(new Keyed(hash(seed, group), group)));
        order.sort(Comparator.comparing(Keyed::hash, Arrays::compareUnsigned).thenComparing(Keyed::group));
        Map<Long, Place> places = new TreeMap<>();
        int dealt = 0;
        for (Keyed next : order) {
            List<Long> ids = groups.getOrDefault(next.group(), List.of());
            // By its middle, so that a group goes where most of it belongs.
            double middle = dealt + ids.size() / 2.0;
            String split = NAMES.get(middle <= ends[0] ? 0 : middle <= ends[1] || withoutTest ? 1 : 2);
            ids.forEach(id -> places.put(id, new Place(split, next.group())));
            dealt += ids.size();
        }
        return places;
    }

    /** Every compound's place, by ascending id. */
    Map<Long, Place> places() {
        return places;
    }

    /** Ascending ids by split; all three names are there. */
    Map<String, long[]> ids() {
        Map<Long, String> splits = new TreeMap<>();
        places.forEach((id, place) -> splits.put(id, place.split()));
        return ids(splits);
    }

    /** As {@link #ids()}, of the split of each compound by ascending id. */
    static Map<String, long[]> ids(Map<Long, String> splits) {
        Map<String, long[]> ids = new LinkedHashMap<>();
        for (String split : NAMES) {
            ids.put(
                    split,
                    splits.entrySet().stream()
                            .filter(place -> place.getValue().equals(split))
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
