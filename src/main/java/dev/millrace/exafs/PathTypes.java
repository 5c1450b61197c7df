package dev.millrace.exafs;

import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The dictionary of path types while a database is being filled. One thread at a time. */
final class PathTypes {
    private static final String INSERT = """
            INSERT INTO path_types (type_id, path_type, element_type, nleg, atom_sequence, atomic_numbers, potentials, row_crc)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)""";

    private record Key(String pathType, String atomicNumbers, String potentials) {}

    private final Map<Key, Long> ids = new HashMap<>();
    private final RowDigest digest = new RowDigest(ExafsSchema.TYPES);
    private long next = 1;

    PathTypes(Database database) {
        database.read("Cannot read the path types", connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                            "SELECT type_id, path_type, atomic_numbers, potentials FROM path_types");
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ids.put(new Key(rows.getString(2), rows.getString(3), rows.getString(4)), rows.getLong(1));
                    next = Math.max(next, rows.getLong(1) + 1);
                }
            }
            return ids;
        });
    }

    /** The id of a path's type, which is added if it is new. */
    long id(FeffPath path, BulkWriter rows) {
        List<PathAtom> atoms = path.atoms();
        Key key = new Key(
                path.pathType(),
                atoms.stream()
                        .map(atom -> Integer.toString(atom.atomicNumber()))
                        .collect(Collectors.joining(",", "[", "]")),
                atoms.stream()
                        .map(atom -> Integer.toString(atom.potential()))
                        .collect(Collectors.joining(",", "[", "]")));
        Long known = ids.get(key);
        if (known != null) {
            return known;
        }
        long id = next++;
        ids.put(key, id);
        PathType type = PathType.of(path);
        String elements = type.elementName();
        String sequence = type.sequence();
        long crc = digest.of(id, key.pathType, elements, path.legCount(), sequence, key.atomicNumbers, key.potentials);
        rows.insert(
                INSERT, id, key.pathType, elements, path.legCount(), sequence, key.atomicNumbers, key.potentials, crc);
        return id;
    }

    /** A JSON string, in ASCII, as the document's program writes it. */
    static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}
