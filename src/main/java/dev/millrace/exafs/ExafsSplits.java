package dev.millrace.exafs;

import dev.millrace.build.Sha256;
import dev.millrace.build.SplitRatios;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which paths are for training, validation and test. Whole frames, or whole absorbers, are put in the order of a seeded hash and
 * dealt out by exact counts, so that all paths of an absorber are in one split. Immutable.
 *
 * @param ids ascending path ids by split
 * @param by {@code frame} or {@code atom}
 * @param units how many frames or absorbers were dealt out
 */
record ExafsSplits(Map<String, long[]> ids, String by, int units) {
    private static final List<String> NAMES = List.of("train", "val", "test");

    private static final String SELECT = """
            SELECT p.path_id, a.frame, a.atom_id
            FROM scattering_paths p
            JOIN absorbers a ON a.absorber_id = p.absorber_id
            ORDER BY p.path_id""";

    /** @param by {@code frame}, {@code atom}, or {@code auto}: by frame where there is more than one */
    static ExafsSplits of(Database database, String by, SplitRatios ratios, long seed) {
        Set<FeffTree.AbsorberKey> absorbers = new HashSet<>();
        Set<Integer> frames = new HashSet<>();
        eachPath(database, (path, key) -> {
            absorbers.add(key);
            frames.add(key.frame());
        });
        boolean byFrame = by.equals("auto") ? frames.size() > 1 : by.equals("frame");
        Set<FeffTree.AbsorberKey> units = new HashSet<>();
        absorbers.forEach(key -> units.add(unit(key, byFrame)));
        Map<FeffTree.AbsorberKey, Integer> places = deal(units, ratios, seed);
        IdLists lists = new IdLists(NAMES.size());
        eachPath(database, (path, key) -> lists.add(places.getOrDefault(unit(key, byFrame), 0), path));
        Map<String, long[]> ids = new LinkedHashMap<>();
        for (int i = 0; i < NAMES.size(); i++) {
            ids.put(NAMES.get(i), lists.get(i));
        }
        return new ExafsSplits(ids, byFrame ? "frame" : "atom", units.size());
    }

    /** How many paths each split of a finished database has. */
    static Map<String, Long> sizes(Database database) {
        Map<String, Long> sizes = new LinkedHashMap<>();
        for (String split : Manifest.splitNames(database)) {
            sizes.put(split, database.queryLong("SELECT id_count FROM split_ids WHERE split = ?", split));
        }
        return sizes;
    }

    /** Whether there were too few frames or absorbers to divide. */
    boolean isUndivided(SplitRatios ratios) {
        return units < parts(ratios);
    }

    private static FeffTree.AbsorberKey unit(FeffTree.AbsorberKey key, boolean byFrame) {
        return byFrame ? new FeffTree.AbsorberKey(key.frame(), 0) : key;
    }

    private static int parts(SplitRatios ratios) {
        return 1 + (ratios.validation() > 0 ? 1 : 0) + (ratios.test() > 0 ? 1 : 0);
    }

    private static Map<FeffTree.AbsorberKey, Integer> deal(
            Set<FeffTree.AbsorberKey> units, SplitRatios ratios, long seed) {
        record Keyed(long hash, FeffTree.AbsorberKey unit) {}
        List<Keyed> order = units.stream()
                .map(unit -> new Keyed(hash(seed, unit), unit))
                .sorted((a, b) -> {
                    int byHash = Long.compareUnsigned(a.hash, b.hash);
                    return byHash != 0
                            ? byHash
                            : a.unit.frame() != b.unit.frame()
                                    ? Integer.compare(a.unit.frame(), b.unit.frame())
                                    : Integer.compare(a.unit.atomId(), b.unit.atomId());
                })
                .toList();
        int count = order.size();
        int validation = 0;
        int test = 0;
        if (count >= parts(ratios)) {
            validation = share(count, ratios.validation(), count - parts(ratios) + 1);
            test = share(count, ratios.test(), count - validation - 1);
        }
        Map<FeffTree.AbsorberKey, Integer> places = new HashMap<>();
        for (int i = 0; i < count; i++) {
            places.put(order.get(i).unit, i < count - validation - test ? 0 : i < count - test ? 1 : 2);
        }
        return places;
    }

    /** A split that was asked for gets one at least. */
    private static int share(int count, double ratio, int most) {
        return ratio == 0 ? 0 : (int) Math.max(1, Math.min(most, Math.round(count * ratio)));
    }

    private static long hash(long seed, FeffTree.AbsorberKey unit) {
        byte[] bytes = ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES)
                .putLong(seed)
                .putInt(unit.frame())
                .putInt(unit.atomId())
                .array();
        return ByteBuffer.wrap(new Sha256().add(bytes).digest()).getLong();
    }

    private interface PathVisitor {
        void visit(long path, FeffTree.AbsorberKey key);
    }

    private static void eachPath(Database database, PathVisitor visitor) {
        database.read("Cannot read the paths", connection -> {
            FeffTree.@Nullable AbsorberKey last = null;
            long count = 0;
            try (PreparedStatement select = connection.prepareStatement(SELECT);
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    int frame = rows.getInt(2);
                    int atom = rows.getInt(3);
                    if (last == null || last.frame() != frame || last.atomId() != atom) {
                        last = new FeffTree.AbsorberKey(frame, atom);
                    }
                    visitor.visit(rows.getLong(1), last);
                    count++;
                }
            }
            return count;
        });
    }

    /** Growing lists of ids. */
    private static final class IdLists {
        private final long[][] lists;
        private final int[] counts;

        IdLists(int count) {
            lists = new long[count][16];
            counts = new int[count];
        }

        void add(int list, long id) {
            if (counts[list] == lists[list].length) {
                lists[list] = Arrays.copyOf(lists[list], 2 * counts[list]);
            }
            lists[list][counts[list]++] = id;
        }

        long[] get(int list) {
            return Arrays.copyOf(lists[list], counts[list]);
        }
    }
}
