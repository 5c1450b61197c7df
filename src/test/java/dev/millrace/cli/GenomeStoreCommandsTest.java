package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.build.BuildProgress;
import dev.millrace.genome.FastaJsonl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Genomes from a synthetic sample to a store, to files of samples and back, on the command line. */
final class GenomeStoreCommandsTest {
    @TempDir
    Path folder;

    @Test
    void genomes_goFromSampleToStoreToFilesOfSamplesAndBack() throws Exception {
        Path fasta = folder.resolve("g.fa.gz");
        Path store = folder.resolve("g.db");
        Path again = folder.resolve("again.db");
        Path sharded = folder.resolve("sharded");

        Shell sample = Shell.millrace(
                "sample", "genome", "--contigs", 40, "--mean-length", 3000, "--samples", 4, "--out", fasta);
        assertThat(sample.error()).contains("synthetic");
        assertThat(sample.code()).isZero();
        Shell made = Shell.millrace("genome", "import", "--fasta", fasta, "--out", store, "--json");
        JsonNode report = JsonMapper.shared().readTree(made.out());
        assertThat(report.get("contigs").asInt()).isEqualTo(40);
        assertThat(report.get("samples").asInt()).isEqualTo(4);
        assertThat(Shell.millrace("genome", "import", "--fasta", fasta, "--out", store)
                        .out())
                .contains("up to date");

        assertThat(Shell.millrace("genome", "convert", "--from-store", store, "--sharded", sharded)
                        .code())
                .isZero();
        assertThat(sharded.resolve("S3/glm_dataset_S3.sqlite")).isRegularFile();
        assertThat(Shell.millrace("genome", "convert", "--from-sharded", sharded, "--out", again)
                        .code())
                .isZero();
        Shell twice = Shell.millrace("genome", "convert", "--from-sharded", sharded, "--out", again);
        assertThat(twice.code()).isEqualTo(2);
        assertThat(twice.error()).contains("--rebuild");

        for (Path sequences : List.of(store, sharded, again)) {
            assertThat(Shell.millrace("genome", "verify", sequences).code()).isZero();
            JsonNode overview = JsonMapper.shared()
                    .readTree(Shell.millrace("genome", "inspect", sequences, "--json")
                            .out());
            assertThat(overview.get("contigs").asInt()).isEqualTo(40);
            assertThat(overview.get("bases").asLong())
                    .isEqualTo(report.get("bases").asLong());
            assertThat(overview.get("n_share").asDouble()).isBetween(0.0, 0.1);
        }
        assertThat(Shell.millrace("verify", store).code()).isZero();
        assertThat(Shell.millrace("inspect", store).out()).contains("genome, version 1");
        assertThat(Shell.millrace("genome", "inspect", store).out()).contains("40 contigs");
    }

    @Test
    void import_ofMoreRejectsThanAllowed_endsWithThreeAndPublishesNothing() throws Exception {
        Path fasta = Files.writeString(folder.resolve("f.fa"), ">a\nAC\n>a\nAC\n");
        Path store = folder.resolve("g.db");

        Shell shell = Shell.millrace("genome", "import", "--fasta", fasta, "--out", store);

        assertThat(shell.code()).isEqualTo(3);
        assertThat(shell.errorLines()).last().asString().contains("f.fa:3 'a'");
        assertThat(store).doesNotExist();
        assertThat(Shell.millrace("genome", "import", "--fasta", fasta, "--out", store, "--max-rejects", 0.5)
                        .code())
                .isZero();
    }

    @Test
    void import_ofWrongUse_endsWithTwo() throws Exception {
        Path fasta = Files.writeString(folder.resolve("f.fa"), ">a\nAC\n");
        Path store = folder.resolve("g.db");
        Path text = Files.writeString(folder.resolve("f.txt"), "hello\n");

        assertThat(Shell.millrace("genome", "import", "--fasta", fasta).code()).isEqualTo(2);
        assertThat(Shell.millrace("genome", "import", "--fasta", folder.resolve("no.fa"), "--out", store)
                        .code())
                .isEqualTo(2);
        assertThat(Shell.millrace("genome", "import", "--fasta", fasta, "--out", store, "--sample", "../x")
                        .code())
                .isEqualTo(2);
        assertThat(Shell.millrace("genome", "import", "--fasta", fasta, "--out", fasta)
                        .code())
                .isEqualTo(2);
        assertThat(Shell.millrace("genome", "import", "--fasta", text, "--out", store)
                        .code())
                .isEqualTo(3);
        assertThat(Shell.millrace("genome", "verify", folder).error()).contains("No SQLite files found in " + folder);
        assertThat(Shell.millrace("genome", "inspect", fasta).code()).isEqualTo(4);
        assertThat(fasta).hasContent(">a\nAC\n");
    }

    @Test
    void verify_ofADamagedFolder_endsWithFour() throws Exception {
        Path fasta = Files.writeString(folder.resolve("f.fa"), ">A__B-S__1\nAC\n");
        Path sharded = folder.resolve("sharded");
        Shell.millrace("genome", "import", "--fasta", fasta, "--sharded", sharded);
        assertThat(Shell.millrace("genome", "verify", sharded).code()).isZero();
        Path file = sharded.resolve("S/glm_dataset_S.sqlite");
        byte[] bytes = Files.readAllBytes(file);
        java.util.Arrays.fill(bytes, 100, 140, (byte) 0x55);
        Files.write(file, bytes);

        assertThat(Shell.millrace("genome", "verify", sharded).code()).isEqualTo(4);
    }

    @Test
    void jsonl_ofRecords_isOneObjectEach() throws Exception {
        Path fasta = Files.writeString(folder.resolve("f.fa"), ">a\"b x\nacGT\nN|x\\\"|\n>c\n");
        Path out = folder.resolve("o.jsonl");

        assertThat(Shell.millrace("genome", "fasta-to-jsonl", fasta, out, "--upper")
                        .code())
                .isZero();

        assertThat(Files.readString(out))
                .isEqualTo(
                        "{\"id\": \"a\\\"b\", \"prompt\": \"ACGTN|X\\\\\\\"|\"}\n{\"id\": \"c\", \"prompt\": \"\"}\n");
        Files.writeString(fasta, ">a\nAC\n>b\nA1\n");
        Shell bad = Shell.millrace("genome", "fasta-to-jsonl", fasta, out);
        assertThat(bad.code()).isEqualTo(3);
        assertThat(bad.error()).contains("line 4").contains("'1'");
        assertThat(Files.readString(out)).startsWith("{\"id\": \"a\\\"b\"");
    }

    @Test
    void output_thatIsADeviceOrAPipe_isRefusedAndStays() throws Exception {
        Path fasta = Files.writeString(folder.resolve("f.fa"), ">a\nAC\n");
        // A name for a device, where a rename would replace the name.
        Path device = Files.createSymbolicLink(folder.resolve("device"), Path.of("/dev/null"));

        for (Object[] command : new Object[][] {
            {"genome", "fasta-to-jsonl", fasta, device},
            {"sample", "genome", "--contigs", 1, "--out", device},
            {"genome", "import", "--fasta", fasta, "--out", device, "--rebuild"}
        }) {
            Shell shell = Shell.millrace(command);
            assertThat(shell.code()).isEqualTo(2);
            assertThat(shell.error()).contains("device or a pipe").contains(device.toString());
            assertThat(device).isSymbolicLink();
        }
        assertThatThrownBy(() -> FastaJsonl.write(fasta, device, false, BuildProgress.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(device.toString());
        assertThat(device).isSymbolicLink();
        // What is rejected is written in place, to the terminal too.
        assertThat(Shell.millrace(
                                "genome",
                                "import",
                                "--fasta",
                                fasta,
                                "--out",
                                folder.resolve("g.db"),
                                "--rejects",
                                device)
                        .code())
                .isZero();
        assertThat(device).isSymbolicLink();
    }

    @Test
    void output_onAFullDisk_isNamedAndTheOldFileStays() throws Exception {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full));
        Path fasta = Files.writeString(folder.resolve("f.fa"), ">a\n" + "ACGT".repeat(100_000) + "\n");
        Path out = Files.writeString(folder.resolve("o.jsonl"), "old");
        Path items = Files.createDirectory(folder.resolve("items")).resolve("items.jsonl");
        for (Path file : List.of(out, items)) {
            Files.createSymbolicLink(file.resolveSibling(file.getFileName() + ".partial"), full);
        }

        assertThat(Shell.millrace("genome", "fasta-to-jsonl", fasta, out).errorLines())
                .containsExactly("error: Cannot write " + out
                        + ": No space left on device. Free some space or choose another folder.");
        assertThat(out).hasContent("old");
        assertThat(Shell.millrace("genome", "predict-items", "--fasta", fasta, "--out", items.getParent(), "-q")
                        .errorLines())
                .containsExactly("error: Cannot write " + items
                        + ": No space left on device. Free some space or choose another folder.");
        assertThat(items.getParent()).isEmptyDirectory();
    }

    @Test
    void sample_ofTheSameSeed_isTheSameAndHasItsShares() throws Exception {
        Path first = folder.resolve("a.fa");
        Path second = folder.resolve("b.fa");
        Object[] settings = {
            "sample", "genome", "--contigs", 20, "--length", 50_000, "--n-share", 0.1, "--lower-share", 0.3,
        };
        for (Path file : List.of(first, second)) {
            Object[] words = java.util.Arrays.copyOf(settings, settings.length + 2);
            words[settings.length] = "--out";
            words[settings.length + 1] = file;
            assertThat(Shell.millrace(words).code()).isZero();
        }

        assertThat(second).hasSameBinaryContentAs(first);
        String bases = String.join(
                "",
                Files.readAllLines(first).stream()
                        .filter(line -> !line.startsWith(">"))
                        .toList());
        assertThat(bases).hasSize(1_000_000).matches("[ACGTNacgtn]*");
        assertThat(bases.chars().filter(base -> base == 'N' || base == 'n').count() / 1e6)
                .isBetween(0.08, 0.12);
        assertThat(bases.chars().filter(Character::isLowerCase).count() / 1e6).isBetween(0.25, 0.35);
    }
}
