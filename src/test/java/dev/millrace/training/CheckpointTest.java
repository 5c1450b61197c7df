package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import ai.djl.translate.NoopTranslator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    @TempDir
    Path folder;

    private Map<String, byte[]> bits;
    private float[] outputs;

    @BeforeEach
    void train() {
        try (Model model = TinyModel.create()) {
            run(model, plan().build(), new LinearData(64, 16, 3)).build().run();
            bits = TinyModel.bits(model);
            outputs = predict(model);
        }
    }

    private static TrainingPlan.Builder plan() {
        return TrainingPlan.builder().setEpochs(1).optSeed(7);
    }

    private TrainingRun.Builder run(Model model, TrainingPlan plan, LinearData data) {
        return TrainingRun.builder()
                .setModel(model)
                .setPlan(plan)
                .setLoss(Loss.l2Loss())
                .setTraining(data)
                .optFolder(folder);
    }

    private static float[] predict(Model model) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator(null))) {
            NDArray x = manager.arange(12f).reshape(new Shape(2, LinearData.FEATURES));
            NDList result = predictor.predict(new NDList(x));
            float[] values = result.singletonOrThrow().toFloatArray();
            result.close();
            return values;
        } catch (ai.djl.translate.TranslateException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void loadModel_newBlock_predictsTheSameBits() {
        Checkpoint checkpoint = Checkpoint.best(folder);
        assertThat(checkpoint.step()).isEqualTo(4);
        assertThat(checkpoint.epoch()).isEqualTo(1);
        assertThat(checkpoint.bestValue()).isNotNull();
        assertThat(checkpoint.settings()).containsEntry("data.training", "linear 64 16 3");
        assertThat(checkpoint.versions()).containsKeys("millrace", "djl", "engine", "java");
        try (Model model = checkpoint.loadModel(TinyModel.block(16), Device.cpu())) {
            TrainingRunTest.assertBitEqual(TinyModel.bits(model), bits, "loaded");
            assertThat(predict(model)).isEqualTo(outputs);
        }
    }

    @Test
    void loadModel_otherWidth_isRefusedNamingBothShapes() {
        assertThatThrownBy(() -> Checkpoint.last(folder).loadModel(TinyModel.block(8), Device.cpu()))
                .isInstanceOf(CheckpointMismatchException.class)
                .hasMessageContaining("expected 01Linear_weight FLOAT32 [8, 6], found 01Linear_weight FLOAT32 [16, 6]");
    }

    @Test
    void loadModel_fewerLayers_isRefused() {
        try (Model line = TinyModel.linear()) {
            assertThatThrownBy(() -> Checkpoint.last(folder).loadModel(line.getBlock(), Device.cpu()))
                    .isInstanceOf(CheckpointMismatchException.class);
        }
    }

    @Test
    void open_anyByteOfAnyFileChanged_isRefusedNamingTheFile() throws IOException {
        Path last = folder.resolve(Checkpoint.LAST);
        List<Path> files;
        try (Stream<Path> list = Files.list(last)) {
            files = list.toList();
        }
        assertThat(files).hasSize(4);
        for (Path file : files) {
            byte[] original = Files.readAllBytes(file);
            for (int at = 0; at < original.length; at += Math.max(1, original.length / 37)) {
                byte[] damaged = original.clone();
                damaged[at] ^= 0x10;
                Files.write(file, damaged);
                assertThatThrownBy(() -> Checkpoint.open(last))
                        .as("%s byte %d", file.getFileName(), at)
                        .isInstanceOf(CorruptCheckpointException.class);
            }
            Files.write(file, java.util.Arrays.copyOf(original, original.length / 2));
            assertThatThrownBy(() -> Checkpoint.open(last)).isInstanceOf(CorruptCheckpointException.class);
            Files.delete(file);
            assertThatThrownBy(() -> Checkpoint.open(last)).isInstanceOf(CorruptCheckpointException.class);
            Files.write(file, original);
        }
        assertThatCode(() -> Checkpoint.open(last)).doesNotThrowAnyException();
        assertThatThrownBy(() -> Checkpoint.open(folder.resolve("absent")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("found none");
    }

    @Test
    void resume_otherSettingsAndData_isRefusedNamingAllOfThem() {
        try (Model model = TinyModel.create()) {
            TrainingRun run = run(model, plan().optSeed(8).optClipNorm(2).build(), new LinearData(80, 16, 3))
                    .optIdentity("pooling", "sum")
                    .optResume(folder)
                    .build();
            assertThatThrownBy(run::run)
                    .isInstanceOf(CheckpointMismatchException.class)
                    .hasMessageContaining("clip_norm expected 0.0 (checkpoint), found 2.0 (this run)")
                    .hasMessageContaining("data.training expected linear 64 16 3 (checkpoint), found linear 80 16 3")
                    .hasMessageContaining("caller.pooling expected none (checkpoint), found sum")
                    .hasMessageContaining("seed expected 7 (checkpoint), found 8");
        }
    }

    @Test
    void resume_finishedRun_returnsAtOnceAndMoreEpochsGoOn() {
        try (Model model = TinyModel.create()) {
            RunResult result = run(model, plan().build(), new LinearData(64, 16, 3))
                    .optResume(folder)
                    .build()
                    .run();
            assertThat(result.steps()).isEqualTo(4);
            assertThat(result.samples()).isZero();
            TrainingRunTest.assertBitEqual(TinyModel.bits(model), bits, "nothing done");
        }
        try (Model model = TinyModel.create()) {
            RunResult result = run(model, plan().setEpochs(3).build(), new LinearData(64, 16, 3))
                    .optResume(folder)
                    .build()
                    .run();
            assertThat(result.steps()).isEqualTo(12);
            assertThat(result.samples()).isEqualTo(128);
        }
    }

    @Test
    void pretrained_blocks_areCopiedAndTheRestIsNew() {
        try (Model source = Checkpoint.best(folder).loadModel(TinyModel.block(16), Device.cpu());
                Model model = TinyModel.create()) {
            // A learning rate that changes nothing shows what training started from.
            TrainingPlan plan = plan().optOptimizer(OptimizerSettings.adamW(1e-30, 0))
                    .optSeed(1234)
                    .build();
            run(model, plan, new LinearData(64, 16, 3))
                    .optFolder(null)
                    .optPretrained(child(source, 0), child(model, 0))
                    .build()
                    .run();
            Map<String, byte[]> found = TinyModel.bits(model);
            assertThat(found.get("01Linear_weight")).isEqualTo(bits.get("01Linear_weight"));
            assertThat(found.get("01Linear_bias")).isEqualTo(bits.get("01Linear_bias"));
            assertThat(found.get("02BatchNorm_beta")).isNotEqualTo(bits.get("02BatchNorm_beta"));
        }
    }

    @Test
    void part_besideTheBest_holdsItsParametersAlone() {
        try (Model model = TinyModel.create()) {
            run(model, plan().setEpochs(3).build(), new LinearData(64, 16, 3))
                    .optPart("backbone", child(model, 0), Map.of("card.txt", new byte[] {7}))
                    .build()
                    .run();
        }
        Checkpoint best = Checkpoint.best(folder);
        Checkpoint part = Checkpoint.open(folder.resolve("backbone"));
        assertThat(part.step()).isEqualTo(best.step());
        assertThat(part.attachment("card.txt")).containsExactly(7);
        assertThat(best.hasAttachment("card.txt")).isFalse();
        try (Model whole = best.loadModel(TinyModel.block(16), Device.cpu());
                Model alone = Model.newInstance("alone", Device.cpu())) {
            Block linear = Linear.builder().setUnits(16).build();
            alone.setBlock(linear);
            linear.initialize(alone.getNDManager(), DataType.FLOAT32, new Shape(2, LinearData.FEATURES));
            part.loadParameters(alone);
            Map<String, byte[]> parameters = TinyModel.bits(alone);
            assertThat(parameters).containsOnlyKeys("weight", "bias");
            assertThat(parameters.get("weight")).isEqualTo(TinyModel.bits(whole).get("01Linear_weight"));
        }
    }

    private static Block child(Model model, int place) {
        return model.getBlock().getChildren().valueAt(place);
    }

    @Test
    void pretrained_otherShapeOrName_isRefused() {
        try (Model source = Checkpoint.best(folder).loadModel(TinyModel.block(16), Device.cpu());
                Model narrow = TinyModel.create(8);
                Model model = TinyModel.create()) {
            TrainingRun other = run(narrow, plan().build(), new LinearData(64, 16, 3))
                    .optPretrained(child(source, 0), child(narrow, 0))
                    .build();
            assertThatThrownBy(other::run)
                    .isInstanceOf(InvalidPlanException.class)
                    .hasMessageContaining("weight must have shape (8, 6), found (16, 6)")
                    .hasMessageContaining("bias must have shape (8), found (16)");
            TrainingRun none = run(model, plan().build(), new LinearData(64, 16, 3))
                    .optPretrained(child(source, 0), child(model, 1))
                    .build();
            assertThatThrownBy(none::run)
                    .hasMessageContaining("gamma must have shape (16), found none")
                    .hasMessageContaining("weight has no place");
        }
    }

    @Test
    void replace_stoppedAtAnyPoint_leavesACompleteFolder() throws IOException {
        // What each kill between two file operations of a replacement leaves behind, rebuilt by hand.
        Path parent = folder.resolve("kills");
        Files.createDirectories(parent);
        write(parent, "one");
        Path target = parent.resolve("last");
        Path fresh = parent.resolve(".last.new");
        Path old = parent.resolve(".last.old");

        // Killed while the new files are written.
        Files.createDirectory(fresh);
        Files.writeString(fresh.resolve("value"), "tw");
        assertThat(read(parent)).isEqualTo("one");
        // Killed between the two renames, the new folder unfinished: cannot happen, and still the old one is found.
        Files.move(target, old);
        assertThat(read(parent)).isEqualTo("one");
        // The next write keeps the old one until it has succeeded.
        assertThatThrownBy(() -> CheckpointFolder.replace(parent, "last", into -> {
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");
        assertThat(fresh).doesNotExist();
        assertThat(read(parent)).isEqualTo("one");
        write(parent, "two");
        assertThat(read(parent)).isEqualTo("two");
        // Killed between the two renames, the new folder finished: the newest is found.
        write(folder.resolve("other"), "three");
        Files.move(folder.resolve("other/last"), fresh);
        Files.move(target, old);
        assertThat(read(parent)).isEqualTo("three");
        assertThatThrownBy(() -> CheckpointFolder.replace(parent, "last", into -> {
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");
        assertThat(read(parent)).isEqualTo("three");
        // Killed before the old folder is gone.
        write(parent, "four");
        assertThat(read(parent)).isEqualTo("four");
        assertThat(old).doesNotExist();
        assertThat(fresh).doesNotExist();
    }

    private static void write(Path parent, String value) throws IOException {
        CheckpointFolder.replace(parent, "last", into -> Files.writeString(into.resolve("value"), value));
    }

    private static String read(Path parent) throws IOException {
        Path found = CheckpointFolder.find(parent, "last");
        CheckpointFolder.verify(found);
        return Files.readString(found.resolve("value"));
    }

    @Test
    void attachment_hostileName_isRefused() {
        for (String name : List.of("../x", "a/b", "", ".hidden", "checkpoint.json", "x.params", "MANIFEST.sha256")) {
            assertThatThrownBy(() -> TrainingRun.builder().optAttachment(name, new byte[0]))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Checkpoint.last(folder).attachment(name)).isInstanceOf(CheckpointException.class);
        }
    }
}
