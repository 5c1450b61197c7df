package dev.millrace.exafs;

import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The dictionary of path types of a file, read and checked once when it is opened. Immutable.
 */
final class TypeDictionary {
    /** Most atomic numbers that a model has a vector for; 0 is an empty sphere of FEFF's. */
    static final int LARGEST_ATOMIC_NUMBER = 118;

    private static final String SELECT = """
            SELECT type_id, path_type, element_type, nleg, atom_sequence, atomic_numbers, potentials, row_crc
            FROM path_types
            ORDER BY type_id""";

    /**
     * One of them.
     *
     * @param name {@code U-O-O}
     * @param atomicNumbers one per leg, absorber first
     */
    record PathType(String name, int[] atomicNumbers) {
        int legCount() {
            return atomicNumbers.length;
        }
    }

    private final Map<Long, PathType> types;
    private final String digest;

    private TypeDictionary(Map<Long, PathType> types, String digest) {
        this.types = types;
        this.digest = digest;
    }

    static TypeDictionary read(Database database) {
        return database.read("Cannot read path_types", connection -> {
            Map<Long, PathType> types = new HashMap<>();
            RowDigest rows = new RowDigest(ExafsSchema.TYPES);
            CRC32C crc = new CRC32C();
            try (PreparedStatement select = connection.prepareStatement(SELECT);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long id = row.getLong(1);
                    int legs = row.getInt(4);
                    String name = row.getString(2);
                    String numbers = row.getString(6);
                    long found = rows.of(id, name, row.getString(3), legs, row.getString(5), numbers, row.getString(7));
                    if (found != row.getLong(8) || name == null || numbers == null) {
                        throw damaged(database, id, "its checksum differs");
                    }
                    types.put(id, new PathType(name, numbers(database, id, legs, numbers)));
                    crc.update((id + " " + numbers + "\n").getBytes(StandardCharsets.UTF_8));
                }
            }
            return new TypeDictionary(types, Long.toHexString(crc.getValue()));
        });
    }

    private static int[] numbers(Database database, long id, int legs, String json) {
        try {
            int[] numbers = Stream.of(json.replaceAll("[\\[\\]\\s]", "").split(",", -1))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            if (numbers.length == legs
                    && Arrays.stream(numbers).allMatch(number -> number >= 0 && number <= LARGEST_ATOMIC_NUMBER)) {
                return numbers;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw damaged(
                database, id, "expected " + legs + " atomic numbers 0.." + LARGEST_ATOMIC_NUMBER + ", found " + json);
    }

    private static CorruptDatabaseException damaged(Database database, long id, String fault) {
        return new CorruptDatabaseException(
                "Cannot use a row: " + fault + " (" + database.file() + ", path_types, type_id=" + id
                        + "). Run 'millrace verify " + database.file() + "'.",
                database.file(),
                null);
    }

    @Nullable
    PathType get(long typeId) {
        return types.get(typeId);
    }

    /** Legs of the longest; 2 if there is none. */
    int mostLegs() {
        return types.values().stream().mapToInt(PathType::legCount).max().orElse(2);
    }

    String digest() {
        return digest;
    }
}
