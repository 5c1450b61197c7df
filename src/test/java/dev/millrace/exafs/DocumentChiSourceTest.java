package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases as MD-EXAFS writes them, of a synthetic tree. */
final class DocumentChiSourceTest {
    private static final List<String> TABLES = List.of(
            """
            CREATE TABLE paths (
                id INTEGER PRIMARY KEY, frame INTEGER NOT NULL, atom_id INTEGER NOT NULL, path_num INTEGER NOT NULL,
                nleg INTEGER NOT NULL, deg REAL NOT NULL, reff REAL NOT NULL, path_type TEXT NOT NULL,
                atom_sequence TEXT NOT NULL, UNIQUE(frame, atom_id, path_num))""",
            """
            CREATE TABLE chi_data (
                id INTEGER PRIMARY KEY, path_id INTEGER NOT NULL, k_grid BLOB NOT NULL, chi_values BLOB NOT NULL,
                FOREIGN KEY(path_id) REFERENCES paths(id) ON DELETE CASCADE)""",
            """
            CREATE TABLE atoms (
                id INTEGER PRIMARY KEY, frame INTEGER NOT NULL, atom_id INTEGER NOT NULL, element TEXT NOT NULL,
                position_x REAL, position_y REAL, position_z REAL, UNIQUE(frame, atom_id))""",
            "CREATE TABLE metadata (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
            "INSERT INTO metadata VALUES ('schema_version', '1.0'), ('created_timestamp', 'datetime(''now'')')");

    @TempDir
    static Path shared;

    private static Path tree = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws IOException {
        tree = shared.resolve("tree");
        new ExafsSample(3, 2, 12, 5).write(tree, 2, BuildProgress.NONE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void average_withAndWithoutIndexOverPaths_equalsThatOfTheFiles(boolean indexed) throws IOException {
        Path file = original(indexed);
        PathCriteria criteria = PathCriteria.perType(
                List.of("U-O", "U-U"), List.of(), List.of(4.4, 5.0), PathCriterion.ANY.frames(NumberRanges.of(0, 2)));
        try (ChiSource source = ChiSource.openDatabase(file, ChiRequest.AS_STORED);
                ChiSource files = files()) {
            ChiAverage expected = ChiSourceTest.mean(files, criteria);
            ChiAverage found = ChiSourceTest.mean(source, criteria);

            assertThat(found.chi()).isEqualTo(expected.chi());
            assertThat(found.paths()).isEqualTo(expected.paths()).isPositive();
            assertThat(found.allAtoms()).isEqualTo(expected.allAtoms());
            assertThat(source.grid()).isEqualTo(KGrid.DEFAULT);
            assertThat(source.warnings(criteria)).isEmpty();
        }
    }

    @Test
    void average_rowsLeftBehindByASecondBuild_areInNoResult() throws IOException {
        Path file = original(true);
        ChiAverage before = mean(file, PathCriteria.ALL);
        change(
                file,
                "INSERT INTO chi_data (path_id, k_grid, chi_values) SELECT path_id + 1000, k_grid, chi_values FROM chi_data");

        assertThat(mean(file, PathCriteria.ALL).chi()).isEqualTo(before.chi());
    }

    @Test
    void average_pathWithTwoRowsOfChi_isRefused() throws IOException {
        Path file = original(true);
        change(
                file,
                "INSERT INTO chi_data (path_id, k_grid, chi_values) SELECT path_id, k_grid, chi_values FROM chi_data");

        assertThatThrownBy(() -> mean(file, PathCriteria.ALL))
                .isInstanceOf(CorruptDatabaseException.class)
                .hasMessageContaining("one row of χ, found several");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM chi_data WHERE path_id = 3|found none",
                "UPDATE chi_data SET chi_values = substr(chi_values, 9) WHERE path_id = 3|3200 and 3208 bytes",
                "UPDATE chi_data SET chi_values = x'000000000000f87f' || substr(chi_values, 9) WHERE path_id = 3|NaN",
                "UPDATE chi_data SET k_grid = zeroblob(3208) WHERE path_id = 3|increasing",
                "UPDATE paths SET atom_sequence = 'U, O' WHERE id = 3|JSON array"
            })
    void average_damagedRow_isAnErrorThatNamesThePath(String damage) throws IOException {
        String[] parts = damage.split("\\|(?!\\|)(?=[^|]*$)", -1);
        Path file = original(true);
        change(file, parts[0]);

        assertThatThrownBy(() -> mean(file, PathCriteria.ALL))
                .isInstanceOf(CorruptDatabaseException.class)
                .hasMessageContaining("path_id=3")
                .hasMessageContaining(parts[1]);
    }

    @Test
    void average_pathOnAnotherGrid_isInterpolatedWithAWarning() throws IOException {
        Path file = original(true);
        change(
                file,
                "UPDATE chi_data SET k_grid = substr(k_grid, 1, 3200), chi_values = substr(chi_values, 1, 3200) WHERE path_id = 3");
        try (ChiSource source = ChiSource.openDatabase(file, new ChiRequest(null, KGrid.of(0, 19, 0.05)))) {
            ChiAverage average = ChiSourceTest.mean(source, PathCriteria.ALL);

            assertThat(average.grid().size()).isEqualTo(381);
            assertThat(source.warnings(PathCriteria.ALL))
                    .singleElement()
                    .asString()
                    .contains("interpolated");
        }
        assertThatThrownBy(() -> mean(file, PathCriteria.ALL))
                .as("the shorter grid does not reach over that of the others")
                .isInstanceOf(UnavailableChiException.class);
    }

    @Test
    void warnings_labelsThatWereDropped_areTold() throws IOException {
        Path file = original(true);
        change(file, "UPDATE paths SET nleg = 3 WHERE id = 1");
        try (ChiSource source = ChiSource.openDatabase(file, ChiRequest.AS_STORED)) {
            ChiSourceTest.mean(source, PathCriteria.ALL);

            assertThat(source.warnings(PathCriteria.ALL))
                    .singleElement()
                    .asString()
                    .contains("fewer labels than legs");
        }
    }

    @Test
    void open_whatItDoesNotHave_isRefusedNamingTheWay() throws IOException {
        Path file = original(true);
        ChiParameters other = new ChiParameters(1, 3, 0, 0, 0, 0, 0, null, ChiParameters.Interpolation.CUBIC, true);

        assertThatThrownBy(() -> ChiSource.openDatabase(file, new ChiRequest(other, null)))
                .isInstanceOf(UnavailableChiException.class)
                .hasMessageContaining("--input-dir");
        assertThatThrownBy(() -> mean(file, PathCriteria.of(PathCriterion.ANY.visited(Set.of("O")))))
                .isInstanceOf(UnavailableChiException.class)
                .hasMessageContaining("labels only");
        change(file, "UPDATE metadata SET value = '2.0' WHERE key = 'schema_version'");
        assertThatThrownBy(() -> mean(file, PathCriteria.ALL))
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining("found 2.0");
    }

    @Test
    void open_read_leavesTheFileAsItWas() throws IOException {
        Path file = original(true);
        byte[] before = Files.readAllBytes(file);
        mean(file, PathCriteria.ALL);

        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        try (Stream<Path> beside = Files.list(folder)) {
            assertThat(beside).containsExactly(file);
        }
    }

    private static ChiAverage mean(Path file, PathCriteria criteria) throws IOException {
        try (ChiSource source = ChiSource.openDatabase(file, ChiRequest.AS_STORED)) {
            return ChiSourceTest.mean(source, criteria);
        }
    }

    private static ChiSource files() throws IOException {
        return ChiSource.ofFiles(
                FeffTree.scan(tree, FeffTree.Rules.DEFAULT, BuildProgress.NONE),
                ChiRequest.AS_STORED,
                1,
                BuildProgress.NONE);
    }

    private static void change(Path file, String sql) {
        try (Database open = Database.open(file, Access.BUILD)) {
            open.execute(sql);
        }
    }

    private Path original(boolean indexed) throws IOException {
        Path file = folder.resolve("original.db");
        List<PathEntry> paths = new ArrayList<>();
        List<double[]> chi = new ArrayList<>();
        try (ChiSource files = files()) {
            files.chi(PathCriteria.ALL, (path, values) -> {
                paths.add(path);
                chi.add(values.clone());
            });
        }
        try (Database open = Database.open(file, Access.BUILD)) {
            TABLES.forEach(open::execute);
            if (indexed) {
                open.execute("CREATE INDEX idx_chi_path ON chi_data(path_id)");
            }
            open.write("fill", connection -> {
                try (PreparedStatement path =
                                connection.prepareStatement("INSERT INTO paths VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
                        PreparedStatement values =
                                connection.prepareStatement("INSERT INTO chi_data VALUES (?, ?, ?, ?)")) {
                    for (int i = 0; i < paths.size(); i++) {
                        PathEntry entry = paths.get(i);
                        Object[] cells = {
                            i + 1,
                            entry.frame(),
                            entry.atomId(),
                            entry.number(),
                            entry.type().legCount(),
                            entry.degeneracy(),
                            entry.reff(),
                            entry.type().name(),
                            entry.type().sequence()
                        };
                        for (int cell = 0; cell < cells.length; cell++) {
                            path.setObject(cell + 1, cells[cell]);
                        }
                        path.executeUpdate();
                        values.setInt(1, i + 1);
                        values.setInt(2, i + 1);
                        values.setBytes(3, bytes(KGrid.DEFAULT.toArray()));
                        values.setBytes(4, bytes(chi.get(i)));
                        values.executeUpdate();
                    }
                }
            });
            open.execute("INSERT INTO atoms (frame, atom_id, element) SELECT DISTINCT frame, atom_id, 'U' FROM paths");
        }
        return file;
    }

    private static byte[] bytes(double[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asDoubleBuffer().put(values);
        return buffer.array();
    }
}
