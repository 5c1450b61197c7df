package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Commands that make, look after and empty EXAFS databases. */
class ExafsStoreCommandsTest {
    @TempDir
    Path folder;

    private Path tree;
    private Path database;

    @BeforeEach
    void sample() {
        tree = folder.resolve("tree");
        database = folder.resolve("chi.db");
        Shell sample =
                Shell.millrace("sample", "exafs", "--out", tree, "--frames", 3, "--atoms", 2, "--paths", 12, "-q");
        assertThat(sample.error()).isEmpty();
        assertThat(sample.code()).isZero();
        assertThat(sample.out()).contains("72 synthetic path files");
    }

    private Shell build(Object... options) {
        Object[] all = new Object[options.length + 6];
        System.arraycopy(new Object[] {"exafs", "build", tree, "--database", database, "-q"}, 0, all, 0, 6);
        System.arraycopy(options, 0, all, 6, options.length);
        return Shell.millrace(all);
    }

    private static JsonNode json(Shell shell) {
        return JsonMapper.shared().readTree(shell.out());
    }

    @Test
    void build_thenAllOthers_workOnTheSameFile() throws Exception {
        Shell first = build();
        assertThat(first.code()).as(first.error()).isZero();
        assertThat(first.out()).contains("72 paths of 6 atoms in 3 frames").contains("72 added");
        JsonNode again = json(build("--json"));
        assertThat(again.get("up_to_date").asBoolean()).isTrue();
        assertThat(again.get("added").asInt()).isZero();
        assertThat(again.get("unchanged").asInt()).isEqualTo(72);

        assertThat(Shell.millrace("exafs", "verify", database).code()).isZero();
        assertThat(json(Shell.millrace("exafs", "verify", "--database", database, "--json"))
                        .get("paths")
                        .asInt())
                .isEqualTo(72);
        assertThat(Shell.millrace("verify", database).code()).isZero();
        assertThat(Shell.millrace("inspect", database).out()).contains("exafs, version 1");
        JsonNode stats = json(Shell.millrace("exafs", "stats", database, "--json"));
        assertThat(stats.get("atoms").asInt()).isEqualTo(6);
        assertThat(stats.get("path_types").get(0).get("path_type").asString()).isEqualTo("U-O");
        assertThat(Shell.millrace("exafs", "stats", database).out())
                .contains("U-O")
                .contains("float64");
        assertThat(Shell.millrace("exafs", "optimize", database).code()).isZero();
        assertThat(Shell.millrace("optimize", database).code()).isZero();

        Path document = folder.resolve("document.db");
        Shell export = Shell.millrace("exafs", "export", database, "--format", "document", "--out", document, "-q");
        assertThat(export.code()).as(export.error()).isZero();
        assertThat(Shell.millrace("exafs", "verify", document, "-q").out()).contains("sound; 72 paths");
        assertThat(Shell.millrace("exafs", "stats", document).out()).contains("in MD-EXAFS's tables");
        assertThat(Shell.millrace("exafs", "clear", document).code())
                .as("another program's file is left alone")
                .isEqualTo(4);

        assertThat(Shell.millrace("exafs", "clear", database).out()).contains("removed 72 paths");
        assertThat(Shell.millrace("exafs", "stats", database).out())
                .contains("no paths")
                .doesNotContain("NaN");
        assertThat(build().out()).contains("72 added");
        assertThat(build("--rebuild").out()).contains("72 added");
    }

    @Test
    void build_badFile_warnsAndStrictPublishesNothing() throws Exception {
        Path bad = tree.resolve("working_0/frame_1/atom_1/feff0003.dat");
        Files.writeString(bad, "no path");

        Shell strict = build("--strict");
        assertThat(strict.code()).isEqualTo(3);
        assertThat(strict.errorLines()).hasSize(1);
        assertThat(strict.error()).contains("found 1 of 72").contains("feff0003.dat");
        assertThat(database).doesNotExist();

        Path rejects = folder.resolve("rejects.tsv");
        Shell build = build("--rejects", rejects);
        assertThat(build.code()).isZero();
        assertThat(build.error()).contains("files that cannot be used: 1").contains("feff0003.dat");
        assertThat(Files.readAllLines(rejects)).hasSize(2);
        assertThat(build("--max-rejects", "0").code()).isEqualTo(3);
    }

    @Test
    void build_wrongUse_isOneLineAndTwo() throws Exception {
        Object[][] wrong = {
            {"--dtype", "float16"},
            {"--compression", "zip"},
            {"--split", "molecule"},
            {"--split-ratios", "0.5,0.6,0.1"},
            {"--max-rejects", "2"},
            {"--max-rejects", "0.1", "--strict"},
            {"--num-workers", "0"},
            {"--kmin", "3", "--kmax", "2"},
            {"--file-pattern", "feff(\\d+"},
            {"--file-pattern", "feff.*"},
            {"--missing-ids", "guess"},
            {"--interp", "quintic"},
            {"--no-such-option"},
        };
        for (Object[] options : wrong) {
            Shell shell = build(options);
            assertThat(shell.code()).as("%s %s", options[0], shell.error()).isEqualTo(2);
            assertThat(shell.errorLines()).as(shell.error()).hasSize(1);
        }
        assertThat(Shell.millrace("exafs", "build", tree).code()).isEqualTo(2);
        assertThat(Shell.millrace("exafs", "build", folder.resolve("none"), "--database", database)
                        .code())
                .isEqualTo(2);
        assertThat(Shell.millrace("exafs", "build", tree, "--database", folder.resolve("none/chi.db"))
                        .code())
                .isEqualTo(2);
        for (String verb : new String[] {"verify", "diagnose", "stats", "optimize", "clear"}) {
            assertThat(Shell.millrace("exafs", verb).code()).as(verb).isEqualTo(2);
            assertThat(Shell.millrace("exafs", verb, database).code()).as(verb).isEqualTo(2);
        }
        assertThat(database).doesNotExist();
    }

    @Test
    void build_ofSettings_refusesOthersLater() {
        assertThat(build("--dtype", "float32", "--no-feff-arrays", "--sigma2", "0.004", "--kmax", "15")
                        .code())
                .isZero();
        assertThat(build().code()).as("as it was built").isZero();
        Shell other = build("--sigma2", "0.005");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.error())
                .contains("\"sigma2\":0.005")
                .contains("\"sigma2\":0.004")
                .contains("--rebuild");
        assertThat(build("--sigma2", "0.005", "--rebuild").code()).isZero();
        assertThat(json(Shell.millrace("exafs", "stats", database, "--json"))
                        .get("parameter_sets")
                        .get(0)
                        .get("k_count")
                        .asInt())
                .isEqualTo(401);
    }

    @Test
    void build_damagedOrForeignDatabase_isFour() throws Exception {
        Files.writeString(database, "this is no database, whatever its name says ".repeat(100));
        Shell shell = build();
        assertThat(shell.code()).isEqualTo(4);
        assertThat(shell.errorLines()).hasSize(1);
        assertThat(Shell.millrace("exafs", "verify", database).code()).isEqualTo(4);
        assertThat(Files.readString(database)).startsWith("this is no database");
    }

    @Test
    void build_folderWithoutIds_saysWhatToDo() throws Exception {
        Path plain = Files.createDirectory(folder.resolve("plain"));
        Files.copy(tree.resolve("working_0/frame_1/atom_1/feff0003.dat"), plain.resolve("feff0003.dat"));

        Shell refused = Shell.millrace("exafs", "build", plain, "--database", database, "-q");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.error()).contains("--missing-ids number");
        Shell numbered =
                Shell.millrace("exafs", "build", plain, "--database", database, "--missing-ids", "number", "-q");
        assertThat(numbered.code()).isZero();
        assertThat(numbered.out()).contains("1 paths of 1 atoms in 1 frames");
    }

    @Test
    void sample_again_givesTheSameBytesAndNeverOverwrites() throws Exception {
        Path again = folder.resolve("again");
        String file = "working_0/frame_2/atom_1/feff0012.dat";
        Object[] command = {"sample", "exafs", "--out", again, "--frames", 3, "--atoms", 2, "--paths", 12, "-q"};
        assertThat(Shell.millrace(command).code()).isZero();
        assertThat(Files.readAllBytes(again.resolve(file))).isEqualTo(Files.readAllBytes(tree.resolve(file)));
        assertThat(Files.readString(again.resolve(file))).contains("Synthetic").contains("not FEFF");
        Shell refused = Shell.millrace(command);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.error()).contains("expected an empty folder");
        assertThat(Shell.millrace("sample", "exafs", "--out", folder.resolve("x"), "--paths", 20_001)
                        .code())
                .isEqualTo(2);
    }
}
