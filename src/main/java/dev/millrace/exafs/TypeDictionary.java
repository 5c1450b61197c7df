package dev.millrace.exafs;

import dev.millrace.sqlite.Database;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The path types of a file as training needs them, read and checked once when it is opened. Immutable. */
final class TypeDictionary {
    /**
     * One of them.
     *
     * @param name {@code U-O-O}
     * @param atomicNumbers one per leg, absorber first
     */
    record Entry(String name, int[] atomicNumbers) {
        int legCount() {
            return atomicNumbers.length;
        }
    }

    private final Map<Long, Entry> types = new HashMap<>();
    private final String digest;

    private TypeDictionary(Map<Long, PathType> all) {
        CRC32C crc = new CRC32C();
        new TreeMap<>(all).forEach((id, type) -> {
            int[] numbers =
                    type.elements().stream().mapToInt(Elements::atomicNumber).toArray();
            types.put(id, new Entry(type.name(), numbers));
            crc.update((id + " " + Arrays.toString(numbers) + "\n").getBytes(StandardCharsets.UTF_8));
        });
        digest = Long.toHexString(crc.getValue());
    }

    static TypeDictionary read(Database database) {
        return new TypeDictionary(PathTypeTable.read(database).all());
    }

    @Nullable
    Entry get(long typeId) {
        return types.get(typeId);
    }

    /** Legs of the longest; 2 if there is none. */
    int mostLegs() {
        return types.values().stream().mapToInt(Entry::legCount).max().orElse(2);
    }

    String digest() {
        return digest;
    }
}
