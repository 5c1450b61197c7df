package dev.millrace.exafs;

import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code path_types}, which is small: what a criterion says of atoms is decided here, once for each type. Immutable. */
final class PathTypeTable {
    private final Map<Long, PathType> byId;
    private final Path file;

    private PathTypeTable(Map<Long, PathType> byId, Path file) {
        this.byId = byId;
        this.file = file;
    }

    static PathTypeTable read(Database database) {
        return database.read("Cannot read path_types", connection -> {
            Map<Long, PathType> byId = new HashMap<>();
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT type_id, path_type, element_type, nleg, atom_sequence, atomic_numbers, potentials, row_crc"
                                    + " FROM path_types")) {
                while (row.next()) {
                    long id = row.getLong(1);
                    PathType type = type(row.getString(2), row.getInt(4), row.getString(5), row.getString(6));
                    long digest = new RowDigest(ExafsSchema.TYPES)
                            .of(
                                    id,
                                    row.getString(2),
                                    row.getString(3),
                                    row.getLong(4),
                                    row.getString(5),
                                    row.getString(6),
                                    row.getString(7));
                    if (type == null || digest != row.getLong(8)) {
                        throw DamagedRow.of(database.file(), "path_types, type_id=" + id, DamagedRow.CHECKSUM);
                    }
                    byId.put(id, type);
                }
            }
            return new PathTypeTable(byId, database.file());
        });
    }

    /** A type by its two JSON arrays; null if they are none, or do not fit to each other and the name. */
    private static @Nullable PathType type(String name, int legCount, String labels, String numbers) {
        try {
            String[] names = JsonMapper.shared().readValue(labels, String[].class);
            int[] atomicNumbers = JsonMapper.shared().readValue(numbers, int[].class);
            boolean sound = names.length == legCount
                    && atomicNumbers.length == legCount
                    && String.join("-", names).equals(name)
                    && IntStream.of(atomicNumbers).allMatch(Elements::isElement);
            return sound
                    ? new PathType(
                            name,
                            legCount,
                            List.of(names),
                            IntStream.of(atomicNumbers)
                                    .mapToObj(Elements::symbol)
                                    .toList())
                    : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    PathType get(long typeId, long pathId) {
        PathType type = byId.get(typeId);
        if (type == null) {
            throw DamagedRow.of(file, "path_types, type_id=" + typeId, DamagedRow.MISSING + ", of path_id=" + pathId);
        }
        return type;
    }

    /** All types by their ids. */
    Map<Long, PathType> all() {
        return Map.copyOf(byId);
    }

    /** How criteria find paths in the tables of {@link ExafsSchema}. */
    CriteriaSql.Columns columns() {
        return new CriteriaSql.Columns(
                "a.frame", "a.atom_id", "a.element", "p.type_id", this::idsOf, null, "p.degeneracy");
    }

    private @Nullable Collection<?> idsOf(PathCriterion criterion) {
        List<Long> ids = byId.entrySet().stream()
                .filter(entry -> criterion.takesType(entry.getValue()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        return ids.size() == byId.size() ? null : ids;
    }
}
