package dev.millrace.exafs;

import dev.millrace.sqlite.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a database knows of the files it was built of. Paths are read absorber by absorber; absorbers and rejects are held in
 * memory. One thread at a time.
 */
final class StoredTree {
    private static final String SELECT_ABSORBERS = """
            SELECT absorber_id, frame, atom_id, folder, atomic_number, input_size, input_mtime
            FROM absorbers""";

    private static final String SELECT_PATHS = """
            SELECT path_id, path_num, file_size, file_mtime, file_digest, file_name
            FROM scattering_paths
            WHERE absorber_id = ?
            ORDER BY path_num""";

    private static final String SELECT_REJECTS = "SELECT file, frame, atom_id, file_size, file_mtime FROM rejects";

    /** A row of {@code absorbers}. */
    record Absorber(
            long id, FeffTree.AbsorberKey key, String folder, int atomicNumber, FeffFolder.@Nullable Stamp input) {}

    /** What {@code scattering_paths} says of a file. */
    record StoredFile(
            long pathId,
            int number,
            FeffFolder.Stamp stamp,
            long digest,
            @Nullable String otherName) {}

    private final Database database;
    private final Map<FeffTree.AbsorberKey, Absorber> absorbers = new HashMap<>();
    private final Map<FeffTree.AbsorberKey, Map<String, FeffFolder.Stamp>> rejects = new HashMap<>();

    /** Reads absorbers and rejects. */
    StoredTree(Database database) {
        this.database = database;
        database.read("Cannot read the absorbers", connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT_ABSORBERS);
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    Absorber absorber = absorber(rows);
                    absorbers.put(absorber.key, absorber);
                }
            }
            try (PreparedStatement select = connection.prepareStatement(SELECT_REJECTS);
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    rejects.computeIfAbsent(
                                    new FeffTree.AbsorberKey(rows.getInt(2), rows.getInt(3)), key -> new HashMap<>())
                            .put(rows.getString(1), new FeffFolder.Stamp(rows.getLong(4), rows.getLong(5)));
                }
            }
            return absorbers;
        });
    }

    private static Absorber absorber(ResultSet row) throws SQLException {
        long inputSize = row.getLong(6);
        FeffFolder.@Nullable Stamp input = row.wasNull() ? null : new FeffFolder.Stamp(inputSize, row.getLong(7));
        return new Absorber(
                row.getLong(1),
                new FeffTree.AbsorberKey(row.getInt(2), row.getInt(3)),
                row.getString(4),
                row.getInt(5),
                input);
    }

    @Nullable
    Absorber absorber(FeffFolder folder) {
        return absorbers.get(key(folder));
    }

    /** Of every folder, which absorber it was. */
    Map<String, FeffTree.AbsorberKey> keys() {
        Map<String, FeffTree.AbsorberKey> keys = new HashMap<>();
        absorbers.values().forEach(absorber -> keys.put(absorber.folder, absorber.key));
        return keys;
    }

    private static FeffTree.AbsorberKey key(FeffFolder folder) {
        return new FeffTree.AbsorberKey(folder.frame(), folder.atomId());
    }

    private static Set<FeffTree.AbsorberKey> keys(FeffTree tree) {
        Set<FeffTree.AbsorberKey> keys = new HashSet<>();
        tree.folders().forEach(folder -> keys.add(key(folder)));
        return keys;
    }

    /** Absorbers that the tree has no folder of. */
    List<Absorber> gone(FeffTree tree) {
        Set<FeffTree.AbsorberKey> there = keys(tree);
        return absorbers.values().stream()
                .filter(absorber -> !there.contains(absorber.key))
                .sorted(java.util.Comparator.comparingLong(Absorber::id))
                .toList();
    }

    /** Rejected files by name, and how they looked, of the absorber that a folder is about. */
    Map<String, FeffFolder.Stamp> rejects(FeffFolder folder) {
        return rejects.getOrDefault(key(folder), Map.of());
    }

    /** Rejected files of absorbers that the tree has no folder of. */
    List<String> goneRejects(FeffTree tree) {
        Set<FeffTree.AbsorberKey> there = keys(tree);
        return rejects.entrySet().stream()
                .filter(entry -> !there.contains(entry.getKey()))
                .flatMap(entry -> entry.getValue().keySet().stream())
                .sorted()
                .toList();
    }

    /** The name by which a rejected file is known. */
    static String rejectName(FeffFolder folder, int file) {
        return (folder.name().isEmpty() ? "" : folder.name() + "/") + folder.fileName(file);
    }

    /** What is known of an absorber's files, by ascending number. */
    List<StoredFile> files(Absorber absorber) {
        return database.read("Cannot read the paths of an absorber", connection -> {
            List<StoredFile> files = new ArrayList<>();
            PreparedStatement select = database.prepared(SELECT_PATHS);
            select.setLong(1, absorber.id);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    files.add(new StoredFile(
                            rows.getLong(1),
                            rows.getInt(2),
                            new FeffFolder.Stamp(rows.getLong(3), rows.getLong(4)),
                            rows.getLong(5),
                            rows.getString(6)));
                }
            }
            return files;
        });
    }
}
