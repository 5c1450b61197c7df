package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.exafs.ExafsSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations and options of MD-EXAFS: what it validated and ignored has its effect here. */
final class ExafsConfigTest {
    @TempDir
    static Path shared;

    private static Path tree = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws IOException {
        tree = shared.resolve("tree");
        new ExafsSample(3, 1, 12, 9).write(tree, 2, dev.millrace.build.BuildProgress.NONE);
    }

    private Path config(String text) throws IOException {
        String filled = text.replace("TREE", "'" + tree + "'")
                .replace("OUT", "'" + folder.resolve("out.dat") + "'")
                .replace("DB", "'" + folder.resolve("chi.db") + "'");
        return Files.writeString(folder.resolve("averaging.toml"), filled);
    }

    private static final String HEAD = """
            [averaging]
            input_directory = TREE
            frame_range = [0, 2]
            output_file = OUT
            """;

    private List<String> rows() throws IOException {
        return Files.readAllLines(folder.resolve("out.dat")).stream()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    private List<String> rowsOf(Object... options) throws IOException {
        List<Object> words = new java.util.ArrayList<>(List.of(
                "exafs", "average", "--input-dir", tree, "--start", 0, "--end", 2, "--out", folder.resolve("out.dat")));
        words.addAll(List.of(options));
        assertThat(Shell.millrace(words.toArray()).code()).isZero();
        return rows();
    }

    @Test
    void config_multipath_selectsWithAListOfDistances() throws IOException {
        List<String> expected = rowsOf("--paths", "U-O,U-U", "--max-distance", "4.5,5");
        Shell shell = Shell.millrace("exafs", "average", "--config", config(HEAD + """
                [averaging.multipath]
                paths = ["U-O", "U-U"]
                max_distance = [4.5, 5]
                num_processes = 2
                """));

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(rows()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"[1, 3]; 1,3", "\"[1,3]\"; 1-3", "[1, 3, 5]; 1,3,5", "\"1-2,4\"; 1-2,4"})
    void config_pathNumbers_areAListInTomlAndARangeInText(String paths, String same) throws IOException {
        List<String> expected = rowsOf("--paths-numbers", same);
        Shell shell = Shell.millrace("exafs", "average", "--config", config(HEAD + "paths = " + paths + "\n"));

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(rows()).isEqualTo(expected);
    }

    @Test
    void config_build_makesTheDatabaseAndUsesItOrNot() throws IOException {
        Path database = folder.resolve("chi.db");
        String section = "[averaging.multipath]\npaths = ['U-O']\n[averaging.database]\npath = DB\nbuild = true\n";
        List<String> expected = rowsOf("--paths", "U-O");
        Path off = config(HEAD + section + "use_database = false\n");
        assertThat(Shell.millrace("exafs", "average", "--config", off).code()).isZero();
        assertThat(rows()).isEqualTo(expected);
        assertThat(database).exists();
        byte[] first = Files.readAllBytes(database);

        // Not built again, and used: another tree would be missed.
        Shell used = Shell.millrace("exafs", "average", "--config", config(HEAD + section), "--no-fallback");
        assertThat(used.code()).as(used.error()).isZero();
        assertThat(rows()).isEqualTo(expected);
        assertThat(Files.readAllBytes(database)).isEqualTo(first);
        assertThat(used.error()).contains("0 ≤ frame < 2");

        Shell rebuilt = Shell.millrace("exafs", "average", "--config", config(HEAD + section + "rebuild = true\n"));
        assertThat(rebuilt.code()).as(rebuilt.error()).isZero();
        assertThat(rebuilt.out()).contains("added");
        assertThat(rows()).isEqualTo(expected);
    }

    @Test
    void config_useDatabaseFalse_readsTheFilesWhateverTheDatabaseIs() throws IOException {
        Files.writeString(folder.resolve("chi.db"), "no database at all");
        Shell off = Shell.millrace(
                "exafs",
                "average",
                "--config",
                config(
                        HEAD
                                + "[averaging.multipath]\npaths = ['U-O']\n[averaging.database]\npath = DB\nuse_database = false\n"));
        assertThat(off.code()).as(off.error()).isZero();
        assertThat(off.error()).doesNotContain("warning");

        Shell on = Shell.millrace(
                "exafs",
                "average",
                "--config",
                config(HEAD
                        + "[averaging.multipath]\npaths = ['U-O']\n[averaging]\n".replace("[averaging]\n", "")
                        + "[averaging.database]\npath = DB\n"));
        assertThat(on.code()).as(on.error()).isZero();
        assertThat(on.error()).contains("warning: Cannot use the database");
    }

    @Test
    void config_databaseAsText_isItsPath() throws IOException {
        Path database = folder.resolve("chi.db");
        Shell.millrace("exafs", "build", tree, "--database", database);
        Shell shell = Shell.millrace(
                "exafs",
                "average",
                "--config",
                config(HEAD + "database = DB\n"),
                "--no-fallback",
                "--json",
                "--paths",
                "U-O");

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.out()).contains("chi.db");
    }

    @Test
    void config_allFaults_areToldAtOnceWithTheirLines() throws IOException {
        Path file = config("""
                [averaging]
                input_directory = TREE
                frame_range = [5, 2]
                [averaging.multipath]
                paths = ["U-O"]
                max_distance = [4.0, -1]
                num_processes = 0
                shell = 3
                [averaging.database]
                rebuild = "yes"
                compression = true
                """);
        Shell shell = Shell.millrace("exafs", "average", "--config", file);

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.errorLines()).hasSize(1);
        assertThat(shell.error())
                .contains("averaging.output_file is missing")
                .contains("line 3: averaging.frame_range must rise")
                .contains("line 6: averaging.multipath.max_distance[1]")
                .contains("line 7: averaging.multipath.num_processes")
                .contains("line 8: averaging.multipath.shell is not known")
                .contains("line 10: averaging.database.rebuild must be true or false")
                .contains("line 11: averaging.database.compression is not known");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "frame_range = [5, 2]; must rise",
                "frame_range = [5]; must be [start, end]",
                "frame_range = [2, 2]; must rise"
            })
    void config_wrongFrames_areRefused(String frames, String expected) throws IOException {
        Shell shell =
                Shell.millrace("exafs", "average", "--config", config(HEAD.replace("frame_range = [0, 2]", frames)));

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("line 3: averaging.frame_range").contains(expected);
    }

    @Test
    void config_noToml_isRefusedWithItsLine() throws IOException {
        Shell shell = Shell.millrace("exafs", "average", "--config", config("[averaging]\nframe_range = [1,\nx"));

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("no valid TOML").contains("line 3");
    }

    @Test
    void config_emptyListOfTypes_isNoData() throws IOException {
        Shell shell =
                Shell.millrace("exafs", "average", "--config", config(HEAD + "[averaging.multipath]\npaths = []\n"));

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("No data");
    }

    @Test
    void options_ofTheOriginal_buildThenUse() throws IOException {
        Path database = folder.resolve("chi.db");
        Shell built = Shell.millrace(
                "exafs",
                "average",
                "--build-database",
                "--input-dir",
                tree,
                "--database",
                database,
                "--num-workers",
                2);
        assertThat(built.code()).as(built.error()).isZero();
        assertThat(database).exists();
        Path other = folder.resolve("other.db");
        Shell seed = Shell.millrace("exafs", "average", "--build-database", tree, "--database", other);
        assertThat(seed.code()).as(seed.error()).isZero();
        assertThat(other).exists();

        Path file = config(HEAD + "[averaging.multipath]\npaths = ['U-O']\n");
        List<String> expected = rowsOf("--paths", "U-O");
        for (Object[] use : List.of(
                new Object[] {"--use-database", other}, new Object[] {"--use-database", "--database", database})) {
            List<Object> words =
                    new java.util.ArrayList<>(List.of("exafs", "average", "--config", file, "--no-fallback"));
            words.addAll(List.of(use));
            Shell shell = Shell.millrace(words.toArray());
            assertThat(shell.code()).as(shell.error()).isZero();
            assertThat(rows()).isEqualTo(expected);
        }
    }

    @Test
    void options_useDatabaseWithoutAName_findsTheUsualOne() throws IOException {
        Path own = folder.resolve("own");
        new ExafsSample(1, 1, 5, 2).write(own, 1, dev.millrace.build.BuildProgress.NONE);
        Shell.millrace("exafs", "build", own, "--database", own.resolve("chi_database.db"));
        Path file = Files.writeString(
                folder.resolve("own.toml"),
                "[averaging]\ninput_directory = '" + own
                        + "'\nframe_range = [0, 1]\noutput_file = '" + folder.resolve("out.dat")
                        + "'\n[averaging.multipath]\npaths = ['U-O']\n");
        Shell shell = Shell.millrace("exafs", "average", "--config", file, "--use-database", "--json");

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.out()).contains("chi_database.db");
    }
}
