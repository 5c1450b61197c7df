package dev.millrace.exafs;

import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The dictionary of path types of a file, read once when it is opened: its rows carry no checksum, so the table as a whole is
 * compared with the manifest then. Immutable.
 */
final class PathTypes {
    /** Most atomic numbers that a model has a vector for; 0 is an empty sphere of FEFF's. */
    static final int LARGEST_ATOMIC_NUMBER = 118;

    private static final String TABLE = "path_types";
    private static final String SELECT =
            "SELECT type_id, path_type, nleg, atomic_numbers FROM path_types ORDER BY type_id";

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

    private PathTypes(Map<Long, PathType> types, String digest) {
        this.types = types;
        this.digest = digest;
    }

    static PathTypes read(Database database) {
        Manifest.requireWhole(database, List.of(TABLE));
        return database.read("Cannot read path_types", connection -> {
            Map<Long, PathType> types = new HashMap<>();
            CRC32C crc = new CRC32C();
            try (PreparedStatement select = connection.prepareStatement(SELECT);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long id = row.getLong(1);
                    String numbers = String.valueOf(row.getString(4));
                    types.put(id, new PathType(String.valueOf(row.getString(2)), numbers(database, id, row.getInt(3), numbers)));
                    crc.update((id + " " + numbers + "\n").getBytes(StandardCharsets.UTF_8));
                }
            }
            return new PathTypes(types, Long.toHexString(crc.getValue()));
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
        throw new CorruptDatabaseException(
                "Cannot use a path type: expected " + legs + " atomic numbers 0.." + LARGEST_ATOMIC_NUMBER + ", found "
                        + json + " (" + database.file() + ", path_types, type_id=" + id + "). Build the file again.",
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
