package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.model.PropertyLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainConfigTest {
    private static final String SMALLEST = """
            data:
              sqlite_db_path: a.db
            model:
              hidden_dim: 32
              num_layers: 2
            finetuning:
              batch_size: 16
              num_epochs: 3
            """;

    private static final String PRETRAINING = """
            pretraining:
              sqlite_db_path: p.db
              batch_size: 512
              num_epochs: 3
              scheduler_t0: 5
            """;

    @TempDir
    Path folder;

    @Test
    void load_smallest_takesFallbacks() throws Exception {
        TrainConfig config = load(SMALLEST).config();

        assertThat(config.device()).hasToString("auto");
        assertThat(config.data().useSqlite()).isTrue();
        assertThat(config.data().sqliteDbPath()).isEqualTo(Path.of("a.db"));
        assertThat(config.data().randomSeed()).isEqualTo(42);
        assertThat(config.requireModel().gcn().residual()).isTrue();
        assertThat(config.section().loop().weightDecay()).isEqualTo(1e-4);
        assertThat(config.requireFinetuning().transfer().headLr()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "configs/finetune.yaml",
                "configs/smoke.yaml",
                "configs/pretrain.yaml",
                "configs/smoke-pretrain.yaml"
            })
    void load_shippedConfiguration_hasNoFaultAndNoWarningOfAnyKey(String name) {
        TrainConfig.Loaded loaded = TrainConfig.load(Path.of(name), List.of());

        assertThat(loaded.warnings()).allMatch(warning -> warning.contains("num_workers"));
    }

    @Test
    void load_manyFaults_reportsAllOfThemWithTheirLines() throws Exception {
        String text = """
                device: quantum
                data:
                  sqlite_db_path: a.db
                  train_split: 0.9
                model:
                  hidden_dim: 7
                  num_layers: two
                  droput: 0.1
                finetuning:
                  num_epochs: 3.5
                  loss_type: [cosine]
                """;

        ConfigException failure = catchThrowableOfType(ConfigException.class, () -> load(text));

        assertThat(failure.faults())
                .satisfiesExactlyInAnyOrder(
                        fault -> assertThat(fault).startsWith("line 1: device must be auto, cpu, gpu or gpu:N"),
                        fault -> assertThat(fault)
                                .isEqualTo("line 6: model.hidden_dim must be a whole number 8..4096, found 7"),
                        fault -> assertThat(fault)
                                .isEqualTo("line 7: model.num_layers must be a whole number 1..32, found 'two'"),
                        fault -> assertThat(fault).startsWith("line 8: model.droput is not known"),
                        fault -> assertThat(fault).isEqualTo("finetuning.batch_size is missing"),
                        fault -> assertThat(fault)
                                .startsWith("line 10: finetuning.num_epochs")
                                .endsWith("found 3.5"),
                        fault -> assertThat(fault)
                                .startsWith("line 11: finetuning.loss_type")
                                .endsWith("found a list"));
        assertThat(failure).hasMessageStartingWith("7 problems in ").hasMessageNotContaining("\n");
    }

    @Test
    void load_metricsSection_isBoundAndItsFaultsAreFoundTogether() throws Exception {
        MetricsSection standard = load(SMALLEST).config().metrics();
        assertThat(standard).isEqualTo(new MetricsSection(true, true, 1, null, 4096, 1, null, "PGPASSWORD"));
        MetricsSection given = load(SMALLEST + """
                metrics:
                  monitor: false
                  monitor_interval_seconds: 0.5
                  tags: [baseline, "gpu 0"]
                  buffer_size: 100
                  flush_seconds: 5
                """).config().metrics();
        assertThat(given.tags()).containsExactly("baseline", "gpu 0");
        assertThat(given.monitor()).isFalse();
        assertThat(given.queue().flushRecords()).isEqualTo(100);
        assertThat(given.queue().flushInterval()).hasSeconds(5);

        assertThatThrownBy(() -> load(SMALLEST + """
                metrics:
                  monitor: sometimes
                  monitor_interval_seconds: 0
                  tags: {a: b}
                  buffer_size: 0
                  interval: 3
                """))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("5 problems")
                .hasMessageContaining("metrics.monitor must be true or false")
                .hasMessageContaining("metrics.monitor_interval_seconds must be a number 0.05..3600, found 0")
                .hasMessageContaining("metrics.tags")
                .hasMessageContaining("metrics.buffer_size must be a whole number 1..65536")
                .hasMessageContaining("metrics.interval is not known");
        assertThatThrownBy(() -> load(SMALLEST, "metrics.tags=\" \"")).hasMessageContaining("metrics.tags");
    }

    @Test
    void load_splitsThatDoNotSumToOne_areRefused() {
        assertThatThrownBy(() -> load(SMALLEST, "data.train_split=0.9"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("data.train_split with val_split and test_split must sum to 1")
                .hasMessageContaining("--set");
    }

    @Test
    void load_fileBackendWithoutFiles_namesBothKeys() {
        assertThatThrownBy(() -> load(SMALLEST, "data.use_sqlite=false"))
                .hasMessageStartingWith("2 problems")
                .hasMessageContaining("data.nist_msp_path is missing")
                .hasMessageContaining("data.mol_files_dir is missing");
    }

    @Test
    void load_overrides_winAndTheLastWins() throws Exception {
        TrainConfig config = load(
                        SMALLEST,
                        "finetuning.batch_size=64",
                        "finetuning.batch_size=128",
                        "model.gcn.residual=false",
                        "finetuning.learning_rate=1e-4",
                        "data.sqlite_db_path=b=c.db")
                .config();

        assertThat(config.section().loop().batchSize()).isEqualTo(128);
        assertThat(config.section().loop().learningRate()).isEqualTo(1e-4);
        assertThat(config.requireModel().gcn().residual()).isFalse();
        assertThat(config.data().sqliteDbPath()).isEqualTo(Path.of("b=c.db"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"batch_size", "=3", "a..b=1", "finetuning.batchsize=1", "finetuning.batch_size=", "model=3"})
    void load_overrideThatFitsNothing_isRefused(String override) {
        assertThatThrownBy(() -> load(SMALLEST, override)).isInstanceOf(ConfigException.class);
    }

    @Test
    void load_originalKeysWithoutMeaning_warnByName() throws Exception {
        List<String> warnings = load(SMALLEST + """
                          use_amp: true
                          use_wandb: false
                          pin_memory: true
                          num_workers: 1000
                          save_interval: 5
                        """).warnings();

        assertThat(warnings).hasSize(5);
        assertThat(warnings.get(0)).contains("line 9").contains("finetuning.use_amp has no effect");
        assertThat(warnings).anyMatch(warning -> warning.contains("finetuning.num_workers 1000"));
        assertThat(warnings).anyMatch(warning -> warning.contains("finetuning.save_interval has no effect"));
    }

    @Test
    void load_bothSections_fineTunesUnlessAskedForTheOther() throws Exception {
        Path file = Files.writeString(folder.resolve("both.yaml"), SMALLEST + PRETRAINING);

        TrainConfig.Loaded usual = TrainConfig.load(file, List.of());
        TrainConfig other =
                TrainConfig.load(file, List.of(), TrainConfig.Task.PRETRAINING).config();

        assertThat(usual.config().pretraining()).isNull();
        assertThat(usual.config().requireFinetuning().loop().batchSize()).isEqualTo(16);
        assertThat(usual.warnings()).singleElement().asString().contains("--task pretraining");
        assertThat(other.finetuning()).isNull();
        assertThat(other.section().loop().batchSize()).isEqualTo(512);
        assertThat(other.requirePretraining().lossType()).isEqualTo(PropertyLoss.Kind.MSE);
        assertThat(load(other.toYaml()).config()).isEqualTo(other);
        assertThatThrownBy(() -> TrainConfig.load(
                        Files.writeString(folder.resolve("one.yaml"), SMALLEST),
                        List.of(),
                        TrainConfig.Task.PRETRAINING))
                .hasMessageContaining("pretraining is missing; --task asks for it");
        assertThatThrownBy(() -> load("model: {hidden_dim: 8, num_layers: 1}"))
                .hasMessageContaining("finetuning is missing, and pretraining, genome, exafs and table too");
    }

    @Test
    void load_pretrainingThatCannotBe_namesAllFaultsWithTheirLines() {
        String text = "model: {hidden_dim: 8, num_layers: 1}\n" + PRETRAINING;
        assertThatThrownBy(() -> load(
                        text,
                        "pretraining.use_sqlite=false",
                        "pretraining.use_subset=true",
                        "pretraining.target_weights=[1]"))
                .hasMessageStartingWith("3 problems")
                .hasMessageContaining("millrace pcqm build")
                .hasMessageContaining("pretraining.max_samples is missing")
                .hasMessageContaining("multi_task only");
        assertThatThrownBy(() -> load(
                        text,
                        "pretraining.max_samples=5",
                        "pretraining.sqlite_db_path=null",
                        "pretraining.scheduler=x"))
                .hasMessageContaining("pretraining.scheduler must be one of")
                .hasMessageContaining("cosine_restarts");
        assertThatThrownBy(() -> load(text, "pretraining.max_samples=5", "pretraining.sqlite_db_path=null"))
                .hasMessageStartingWith("2 problems")
                .hasMessageContaining("needs use_subset: true");
    }

    @Test
    void load_frozenWithoutAPretrainedModel_isRefused() {
        for (String frozen : new String[] {"finetuning.freeze_backbone=true", "finetuning.freeze_layers=1"}) {
            assertThatThrownBy(() -> load(SMALLEST, frozen))
                    .hasMessageContaining("finetuning.pretrained_checkpoint is missing")
                    .hasMessageContaining("would freeze random numbers");
        }
    }

    @Test
    void load_fileOfAnotherKind_isNotRepeatedWhole() {
        assertThatThrownBy(() -> load("idx,smiles " + "C".repeat(5000)))
                .hasMessageContaining("expected sections, found 'idx,smiles CCC")
                .satisfies(failure -> assertThat(failure.getMessage()).hasSizeLessThan(300));
    }

    @Test
    void load_backboneRateOfAFrozenBackbone_isRefused() {
        assertThatThrownBy(() -> load(SMALLEST, "finetuning.freeze_backbone=true", "finetuning.backbone_lr=0.1"))
                .hasMessageContaining("finetuning.backbone_lr moves nothing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a: [1",
                "- 1",
                "data: &x {sqlite_db_path: a.db}\nmodel: *x",
                "data: {}\ndata: {}",
                "x: 1\n---\ny: 2",
                "\t: :"
            })
    void load_noUsableYaml_isRefusedWithALine(String text) {
        assertThatThrownBy(() -> load(text)).isInstanceOf(ConfigException.class).hasMessageContaining("line ");
    }

    @Test
    void load_absentFile_isRefused() {
        assertThatThrownBy(() -> TrainConfig.load(folder.resolve("none.yaml"), List.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("none.yaml");
    }

    @Test
    void toYaml_loadedAgain_isTheSame() throws Exception {
        TrainConfig config = load(SMALLEST, "data.sqlite_db_path='odd: #name.db'", "finetuning.head_lr=0.01")
                .config();

        assertThat(load(config.toYaml()).config()).isEqualTo(config);
    }

    private TrainConfig.Loaded load(String text, String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("config.yaml"), text);
        return TrainConfig.load(file, List.of(overrides));
    }
}
