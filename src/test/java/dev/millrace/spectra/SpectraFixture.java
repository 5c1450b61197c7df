package dev.millrace.spectra;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;

/** Inputs in a temporary folder, and what tests ask a built database. */
record SpectraFixture(Path folder) {
    Path msp() {
        return folder.resolve("spectra.msp");
    }

    Path mol() {
        return folder.resolve("mol");
    }

    Path database() {
        return folder.resolve("spectra.db");
    }

    /** A synthetic sample of some compounds. */
    static SpectraFixture sample(Path folder, int count, long seed) throws IOException {
        SpectraSample.write(folder, count, seed, BuildProgress.NONE);
        return new SpectraFixture(folder);
    }

    /** An MSP file of one's own, and an empty MOL folder. */
    static SpectraFixture of(Path folder, String msp) throws IOException {
        SpectraFixture fixture = new SpectraFixture(folder);
        Files.createDirectories(fixture.mol());
        Files.writeString(fixture.msp(), msp);
        return fixture;
    }

    SpectraBuilder builder() {
        return new SpectraBuilder()
                .setMsp(msp())
                .setMolFolder(mol())
                .setDatabase(database())
                .optThreads(2);
    }

    /** All rows of a query as text, columns divided by a bar. */
    static List<String> rows(Path database, String sql) {
        try (Database open = Database.open(database, Access.READ)) {
            return open.read(sql, connection -> {
                List<String> rows = new ArrayList<>();
                try (PreparedStatement statement = connection.prepareStatement(sql);
                        ResultSet result = statement.executeQuery()) {
                    while (result.next()) {
                        StringBuilder row = new StringBuilder();
                        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                            row.append(i == 1 ? "" : "|").append(result.getString(i));
                        }
                        rows.add(row.toString());
                    }
                }
                return rows;
            });
        }
    }

    /** What training sees, in one text: checksums of all rows and their splits. */
    static List<String> contents(Path database) {
        return rows(database, """
                SELECT c.id, c.source_id, c.name, s.row_crc, g.row_crc, d.split, d.group_key
                FROM compounds c
                JOIN spectra s ON s.compound_id = c.id
                LEFT JOIN graph_features g ON g.compound_id = c.id
                LEFT JOIN dataset_splits d ON d.compound_id = c.id
                ORDER BY c.id""");
    }
}
