package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SmokeCommandTest {
    /** A training of a second: eight paths of two atoms in six frames. */
    private static final String EXAFS = """
            prepare:
              - sample exafs --frames 6 --atoms 2 --paths 8 --seed 1 --out {dir}/feff
              - exafs build {dir}/feff --database {dir}/exafs.db
            config: train.yaml
        """;

    private static final String TRAINING = """
            device: cpu
            data:
              random_seed: 1
            exafs_model:
              hidden_dim: 16
              num_layers: 2
            exafs:
              database: nowhere.db
              batch_size: 16
              num_epochs: 10
              learning_rate: 0.005
              checkpoint_dir: nowhere
            """;

    @TempDir
    Path folder;

    @Test
    void domains_soundAndDiverging_allAreTriedAndTheCodeIsFive() throws Exception {
        Files.writeString(folder.resolve("train.yaml"), TRAINING);
        // A folder whose name YAML would take for something else if it were not quoted.
        Path out = folder.resolve("out: #1 it's");
        Path config = config("max_steps: 8\nmin_loader_ratio: 0", """
                  - name: wild
                """ + EXAFS + """
                    set:
                      - exafs.database={dir}/exafs.db
                      - exafs.learning_rate=10
                      - exafs.weight_decay=10
                      - exafs.scheduler=constant
                      - exafs.max_grad_norm=1000000
                      - exafs_model.num_layers=8
                  - name: rising
                    config: train.yaml
                    set:
                      - exafs.database={dir}/../wild/exafs.db
                      - exafs.learning_rate=1
                      - exafs.max_grad_norm=1000000
                    max_steps: 4
                  - name: calm
                    config: train.yaml
                    set:
                      - exafs.database={dir}/../wild/exafs.db
                    check:
                      - metrics verify {run}
                  - name: strict
                    config: train.yaml
                    set:
                      - exafs.database={dir}/../wild/exafs.db
                    max_loss: 0.000000001
                    max_steps: 4
                  - name: burst
                    config: train.yaml
                    set:
                      - exafs.database={dir}/../wild/exafs.db
                      - exafs.learning_rate=10
                    max_steps: 20
                """);

        Shell shell = Shell.millrace("smoke", "--config", config, "--out", out, "--json");

        assertThat(shell.code()).as(shell.error()).isEqualTo(5);
        JsonNode domains = JsonMapper.shared().readTree(shell.out()).get("domains");
        assertThat(domains.get(0).get("message").asString())
                .contains("Training diverged at step", "expected a batch loss that is finite");
        assertThat(domains.get(1).get("verdict").asString()).isEqualTo("diverged");
        assertThat(domains.get(1).get("message").asString()).contains("The loss does not fall");
        JsonNode calm = domains.get(2);
        assertThat(calm.get("verdict").asString()).as(shell.error()).isEqualTo("ok");
        assertThat(calm.get("steps").asInt()).isEqualTo(8);
        assertThat(calm.get("last_loss").asDouble())
                .isLessThan(calm.get("first_loss").asDouble());
        assertThat(calm.get("loader_ratio").asDouble())
                .isEqualTo(calm.get("loader_samples_per_second").asDouble()
                        / calm.get("per_record_samples_per_second").asDouble());
        assertThat(out.resolve("calm/run/report.html")).isNotEmptyFile();
        JsonNode strict = domains.get(3);
        assertThat(strict.get("exit_code").asInt()).isEqualTo(5);
        assertThat(strict.get("message").asString()).contains("at most 1.0E-9", "over the last 1 of 4 steps");
        // Falls all the way, from where the first updates threw it.
        JsonNode burst = domains.get(4);
        assertThat(burst.get("last_loss").asDouble())
                .isLessThan(burst.get("first_loss").asDouble());
        assertThat(burst.get("exit_code").asInt()).isEqualTo(5);
        assertThat(burst.get("message").asString()).contains("The loss does not fall", "before any update");
        assertThat(shell.error()).contains("error: wild: ");
    }

    @Test
    void floor_beyondReach_failsNamingRatioAndFloor() throws Exception {
        Path config = config("min_loader_ratio: 0", "  - {name: kv, kv_entries: 400}\n");

        Shell sound = Shell.millrace("smoke", "--config", config, "--out", folder.resolve("sound"));
        Shell slow = Shell.millrace(
                "smoke", "--config", config, "--out", folder.resolve("out"), "--min-loader-ratio", "1e9");

        assertThat(sound.code()).as(sound.error()).isZero();
        assertThat(sound.out()).contains("1 of 1 passed");
        assertThat(slow.code()).isEqualTo(1);
        assertThat(slow.out()).contains("too slow").contains("0 of 1 passed");
        assertThat(slow.error())
                .containsPattern(
                        "error: kv: The loader is too slow: expected batches at least 1.000e\\+09 times .* found [0-9.]+ times");
    }

    @Test
    void prepare_commandFails_givesItsCodeAndTriesTheOthers() throws Exception {
        Path junit = folder.resolve("junit.xml");
        Path config = config("", """
                  - name: missing
                    prepare:
                      - inspect {dir}/none.db
                    kv_entries: 10
                  - name: kv
                    min_loader_ratio: 0
                    kv_entries: 10
                    check:
                      - kv verify {dir}/store.db
                """);

        Shell shell = Shell.millrace("smoke", "--config", config, "--out", folder.resolve("out"), "--junit", junit);

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("error: missing: millrace inspect {dir}/none.db: No such file");
        assertThat(shell.out()).contains("1 of 2 passed");
        Element suite = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(junit.toFile())
                .getDocumentElement();
        assertThat(suite.getAttribute("tests")).isEqualTo("2");
        assertThat(suite.getAttribute("failures")).isEqualTo("1");
        assertThat(suite.getElementsByTagName("failure").getLength()).isEqualTo(1);
        assertThat(((Element) suite.getElementsByTagName("failure").item(0)).getAttribute("message"))
                .contains("No such file");
    }

    @Test
    void folder_hasEarlierData_isRefusedBeforeAnythingIsWritten() throws Exception {
        Path config = config("", "  - {name: first, kv_entries: 10}\n  - {name: kv, kv_entries: 10}\n");
        Path earlier = Files.createDirectories(folder.resolve("out/kv"));
        Files.writeString(earlier.resolve("notes.txt"), "mine");

        Shell shell = Shell.millrace("smoke", "--config", config, "--out", folder.resolve("out"));

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("without earlier data");
        assertThat(earlier).isDirectoryContaining("glob:**notes.txt").isDirectoryNotContaining("glob:**store.db");
        assertThat(folder.resolve("out/first")).doesNotExist();
    }

    @Test
    void only_namesNoDomain_saysWhichThereAre() throws Exception {
        Path config = config("", "  - {name: kv, kv_entries: 10}\n");

        Shell shell = Shell.millrace("smoke", "--config", config, "--only", "kv,spectre");

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("expected some of kv, found 'spectre'");
    }

    @Test
    void config_severalFaults_allAreNamed() throws Exception {
        Path config = config("min_loader_ratio: -1", """
                  - name: a/b
                    kv_entries: 10
                  - name: twice
                    config: x.yaml
                    kv_entries: 10
                  - name: twice
                    max_loss: 3
                """);

        assertThatThrownBy(() -> SmokeConfig.load(config))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.faults()).singleElement().asString().contains("min_loader_ratio"));
        Files.writeString(config, Files.readString(config).replace("min_loader_ratio: -1", ""));
        assertThatThrownBy(() -> SmokeConfig.load(config))
                .hasMessageContaining("domains[0].name must be a name")
                .hasMessageContaining("domains[1].kv_entries and config cannot both be there")
                .hasMessageContaining("domains[2].name is there twice: 'twice'")
                .hasMessageContaining("domains[2].config is missing")
                .hasMessageContaining("domains[2] has set, max_steps or max_loss");
    }

    @Test
    void shippedFile_read_namesConfigurationsThatCanBeRead() {
        Path shipped = Path.of("configs", "smoke-all.yaml");

        SmokeConfig config = SmokeConfig.load(shipped);

        assertThat(config.domains())
                .extracting(SmokeConfig.Domain::name)
                .contains("spectra", "pcqm", "genome", "exafs", "kv");
        for (SmokeConfig.Domain domain : config.domains()) {
            Path training = domain.config();
            if (training != null) {
                assertThat(TrainConfig.load(shipped.resolveSibling(training), java.util.List.of())
                                .warnings())
                        .isEmpty();
            }
        }
    }

    /** Loaders are measured so shortly that only a floor of 0 or one out of reach tells the same on every machine. */
    private Path config(String head, String domains) throws IOException {
        return Files.writeString(
                folder.resolve("smoke.yaml"), "loader_seconds: 0.2\n" + head + "\ndomains:\n" + domains);
    }
}
