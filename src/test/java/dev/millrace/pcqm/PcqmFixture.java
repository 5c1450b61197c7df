package dev.millrace.pcqm;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Inputs and what came of them. Test support. */
final class PcqmFixture {
    /** Every molecule data set that tests may look at; absent outside the workplace. */
    static final Path REAL = Path.of("../shared/data/pcqm");

    private PcqmFixture() {}

    /** A CSV file of synthetic molecules with ascending idx. */
    static Path sample(Path folder, int count) throws IOException {
        Path file = folder.resolve("sample" + count + ".csv.gz");
        new PcqmSample(count, 0, 7, 0.01, false).write(file, done -> {});
        return file;
    }

    static Path csv(Path folder, String... lines) throws IOException {
        return Files.writeString(folder.resolve("data.csv"), String.join("\n", lines) + "\n");
    }

    static Path gzip(Path file, byte[] content) throws IOException {
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(content);
        }
        return file;
    }

    /** The rows that a query yields, columns joined by '|'. */
    static List<String> query(Path file, String sql) {
        try (Database database = Database.open(file, Access.READ)) {
            return database.read(sql, connection -> rows(connection.prepareStatement(sql)));
        }
    }

    private static List<String> rows(PreparedStatement query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (query;
                ResultSet row = query.executeQuery()) {
            int width = row.getMetaData().getColumnCount();
            while (row.next()) {
                List<String> columns = new ArrayList<>();
                for (int i = 1; i <= width; i++) {
                    columns.add(String.valueOf(row.getString(i)));
                }
                rows.add(String.join("|", columns));
            }
        }
        return rows;
    }

    /** What identifies all rows of a file. */
    static List<String> digests(Path file) {
        return query(file, "SELECT table_name, split, row_count, digest FROM manifest ORDER BY 1, 2");
    }

    static List<String> graphs(Path file) {
        return query(
                file,
                "SELECT idx, hex(node_features), hex(edge_index), hex(edge_attr), hex(target), row_crc"
                        + " FROM graph_structures ORDER BY idx");
    }
}
