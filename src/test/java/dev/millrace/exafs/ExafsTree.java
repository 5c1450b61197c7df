package dev.millrace.exafs;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Small trees of path files and the databases built of them. Test support. */
final class ExafsTree {
    private ExafsTree() {}

    /** A synthetic tree. */
    static Path sample(Path folder, int frames, int atoms, int paths) throws IOException {
        new ExafsSample(frames, atoms, paths, 7).write(folder, 1, BuildProgress.NONE);
        return folder;
    }

    /** One made-up file more, with the folders that it needs. */
    static Path file(Path tree, String name, String text) throws IOException {
        Path file = tree.resolve(name);
        Files.createDirectories(file.getParent());
        // The time in ms must differ from that of the file before, however fast a test is.
        FileTime before = Files.exists(file) ? Files.getLastModifiedTime(file) : FileTime.fromMillis(0);
        Files.writeString(file, text, StandardCharsets.ISO_8859_1);
        if (Files.getLastModifiedTime(file).toMillis() <= before.toMillis()) {
            Files.setLastModifiedTime(file, FileTime.fromMillis(before.toMillis() + 1000));
        }
        return file;
    }

    static ExafsBuilder builder(Path tree, Path database) {
        return new ExafsBuilder().setTree(tree).setDatabase(database).optThreads(2);
    }

    /** Sums of all splits: equal for equal rows, whenever and in however many pieces they were built. */
    static List<String> digests(Path database) {
        try (Database opened = Database.open(database, Access.READ)) {
            List<String> digests = new ArrayList<>();
            for (String split : List.of("train", "val", "test")) {
                digests.add(dev.millrace.sqlite.Manifest.digest(opened, split));
            }
            return digests;
        }
    }

    /** The rows of a query, each as one text. */
    static List<String> rows(Path database, String sql) {
        try (Database opened = Database.open(database, Access.READ)) {
            return opened.read("Cannot read", connection -> {
                List<String> found = new ArrayList<>();
                try (PreparedStatement select = connection.prepareStatement(sql);
                        ResultSet rows = select.executeQuery()) {
                    int columns = rows.getMetaData().getColumnCount();
                    while (rows.next()) {
                        StringBuilder text = new StringBuilder();
                        for (int i = 1; i <= columns; i++) {
                            text.append(i == 1 ? "" : "|").append(rows.getString(i));
                        }
                        found.add(text.toString());
                    }
                }
                return found;
            });
        }
    }

    static long count(Path database, String table) {
        return Long.parseLong(rows(database, "SELECT count(*) FROM " + table).get(0));
    }

    /** Changes a finished file as no command would. */
    static void change(Path database, String... statements) {
        try (Database opened = Database.open(database, Access.AMEND)) {
            opened.execute(statements);
        }
    }

    /** Names beside a database that a build should not leave behind. */
    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
