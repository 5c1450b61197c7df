package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.sqlite.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code --append} and {@code --no-space-check}: what the commands that build print and return. */
class AppendCommandsTest {
    @TempDir
    Path folder;

    @Test
    void spectra_append_tellsWhatWasAddedAndThatItIsThere() throws IOException {
        Path sample = folder.resolve("spectra");
        Path database = folder.resolve("spectra.db");
        done("sample", "spectra", "--count", 40, "--out", sample);
        String all = Files.readString(sample.resolve("spectra.msp"));
        int half = all.indexOf("Name: Synthetic compound 31\n");
        Path first = Files.writeString(folder.resolve("first.msp"), all.substring(0, half));
        Path second = Files.writeString(
                folder.resolve("second.msp"), all.substring(all.indexOf("Name: Synthetic compound 30\n")));
        Object[] rest = {"--mol-dir", sample.resolve("mol"), "--out", database, "-q"};

        Shell missing = spectra(first, rest, "--append");
        assertThat(missing.code()).isEqualTo(2);
        assertThat(missing.error()).contains("No such file: " + database).contains("Without --append it is built.");
        assertThat(spectra(first, rest, "--max-mz", 500).code()).isZero();
        Shell other = spectra(second, rest, "--append", "--max-mz", 800, "--spec", "ogb-9-3");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.error())
                .contains("expected spectrum_max_mz 800.0, found 500.0")
                .contains("expected feature_spec ogb-9-3, found bitspec-48-6");
        assertThat(spectra(second, rest, "--append", "--rebuild").error())
                .contains("Expected --append or --rebuild, found both.");
        Shell added = spectra(second, rest, "--append");
        assertThat(added.code()).as(added.error()).isZero();
        assertThat(added.out())
                .contains("10 of 11 records added (10 with a graph), 1 there already, 0 rejected")
                .contains("40 compounds");
        Shell again = spectra(second, rest, "--append");
        assertThat(again.code()).isZero();
        assertThat(again.out()).contains("is up to date: it has this input.");
        JsonNode json = JsonMapper.shared()
                .readTree(spectra(
                                Files.writeString(folder.resolve("part.msp"), all.substring(half)),
                                rest,
                                "--append",
                                "--json")
                        .out());
        assertThat(json.get("up_to_date").asBoolean()).isTrue();
        assertThat(json.get("appended").get("already_stored").asInt()).isEqualTo(10);
        assertThat(Shell.millrace("verify", database).code()).isZero();
    }

    private static Shell spectra(Path msp, Object[] rest, Object... options) {
        Object[] words = new Object[4 + rest.length + options.length];
        System.arraycopy(new Object[] {"spectra", "build", "--msp", msp}, 0, words, 0, 4);
        System.arraycopy(rest, 0, words, 4, rest.length);
        System.arraycopy(options, 0, words, 4 + rest.length, options.length);
        return Shell.millrace(words);
    }

    private static void done(Object... words) {
        Shell shell = Shell.millrace(words);
        assertThat(shell.code()).as(shell.error()).isZero();
    }

    @Test
    void pcqm_append_takesTheFilesSettingsAndTellsWhatWasAdded() throws IOException {
        Path csv = folder.resolve("data.csv");
        Path database = folder.resolve("pcqm.db");
        done("sample", "pcqm", "--count", 300, "--out", csv);
        java.util.List<String> lines = Files.readAllLines(csv);
        Path first = Files.write(folder.resolve("first.csv"), lines.subList(0, 201));
        done("pcqm", "build", "--csv", first, "--out", database, "--layout", "blocks", "--graphs-per-block", 50);
        Shell other =
                Shell.millrace("pcqm", "build", "--append", "--csv", csv, "--out", database, "--graphs-per-block", 64);
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.error()).contains("expected graphs_per_block 64, found 50");
        Shell added = Shell.millrace("pcqm", "build", "--append", "--csv", csv, "--out", database, "--json");
        assertThat(added.code()).as(added.error()).isZero();
        JsonNode json = JsonMapper.shared().readTree(added.out());
        assertThat(json.get("molecules").asInt()).isEqualTo(300);
        assertThat(json.get("layout").asString()).isEqualTo("blocks");
        assertThat(json.get("appended").get("added").asInt()).isEqualTo(100);
        assertThat(json.get("appended").get("already_stored").asInt()).isEqualTo(200);
        assertThat(Shell.millrace("verify", database).code()).isZero();
        assertThat(Shell.millrace("pcqm", "build", "--append", "--csv", first, "--out", database)
                        .out())
                .contains("is up to date: it has this input.");
    }

    @Test
    void genome_append_leavesNewContigsToTheNextSplit() throws IOException {
        Path first = Files.writeString(folder.resolve("first.fa"), fasta("a", 20));
        Path second = Files.writeString(folder.resolve("second.fa"), fasta("b", 5) + fasta("a", 1));
        Path store = folder.resolve("genomes.db");
        done("genome", "import", "--fasta", first, "--out", store, "--sample", "one");
        done("genome", "split", store, "--no-stratify", "--seed", 3);
        done("genome", "precompute", store, "--window-size", 32, "--stride", 30);
        Shell sample = Shell.millrace("genome", "import", "--append", "--fasta", second, "--out", store);
        assertThat(sample.code()).isEqualTo(2);
        assertThat(sample.error()).contains("--sample");
        Shell sharded = Shell.millrace(
                "genome", "import", "--append", "--fasta", second, "--out", store, "--sharded", folder.resolve("s"));
        assertThat(sharded.code()).isEqualTo(2);
        Shell added =
                Shell.millrace("genome", "import", "--append", "--fasta", second, "--out", store, "--sample", "one");
        assertThat(added.code()).as(added.error()).isZero();
        assertThat(added.out())
                .contains("5 of 6 records added (500 bases), 1 there already, 0 rejected")
                .contains("genome split " + store + " --append");
        Shell refused = Shell.millrace("genome", "split", store, "--append", "--seed", 4);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.error()).contains("expected split_seed 4, found 3");
        Shell split = Shell.millrace("genome", "split", store, "--append");
        assertThat(split.code()).as(split.error()).isZero();
        assertThat(split.out()).contains("added to the splits:");
        assertThat(split.error())
                .contains("lack those of the new contigs")
                .contains("genome precompute " + store + " --force");
        done("genome", "precompute", store, "--window-size", 32, "--stride", 30, "--force");
        assertThat(Shell.millrace("genome", "split", store, "--append").out()).contains("No contig of");
        done("genome", "verify", store);
    }

    private static String fasta(String name, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append('>').append(name).append(i).append('\n');
            text.append("ACGTTGCATG".repeat(10)).append('\n');
        }
        return text.toString();
    }

    @Test
    void build_diskTooSmall_isRefusedAtOnceWithBothFiguresAndOnlyThen() throws IOException {
        Path large = Files.writeString(folder.resolve("large.fa"), ">a\n" + "ACGTTGCATG".repeat(600_000) + "\n");
        Path small = Files.writeString(folder.resolve("small.fa"), ">a\n" + "ACGTTGCATG".repeat(300_000) + "\n");
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"))) {
            Path store = disk.folder().resolve("g.db");
            Shell refused = Shell.millrace("genome", "import", "--fasta", large, "--out", store);
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.errorLines()).hasSize(1);
            assertThat(refused.error())
                    .contains("Not enough space for " + store + ": expected about 5.4 MB free")
                    .contains("found 4.2 MB")
                    .contains("--no-space-check");
            Shell tried =
                    Shell.millrace("genome", "import", "--fasta", large, "--out", store, "--no-space-check", "-q");
            assertThat(tried.code()).isEqualTo(1);
            assertThat(tried.error()).contains("no space left");
            done("genome", "import", "--fasta", small, "--out", store);
            // Another file of its size has no room beside it; neither has an addition.
            assertThat(Shell.millrace("optimize", store).error()).contains("Not enough space");
            assertThat(Shell.millrace("genome", "import", "--append", "--fasta", large, "--out", store)
                            .error())
                    .contains("Not enough space");
            assertThat(Shell.millrace("optimize", store, "--no-space-check").error())
                    .contains("no space left");
            done("verify", store);
        }
    }
}
