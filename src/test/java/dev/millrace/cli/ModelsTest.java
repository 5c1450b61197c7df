package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import dev.millrace.model.EncoderModel;
import dev.millrace.model.GraphEncoder;
import dev.millrace.model.ModelFolder;
import dev.millrace.model.MoleculeTranslatorFactory;
import dev.millrace.training.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The models in {@code models/}: they load as their cards say and predict what was recorded when they were made. */
class ModelsTest {
    private static final Path GAP = Path.of("models/pcqm-gap");
    private static final Path SPECTRUM = Path.of("models/massbank-spectrum");

    @TempDir
    Path folder;

    @Test
    void gap_loadedAsItsCardSays_predictsWhatWasRecorded() throws Exception {
        Criteria<String, Float> criteria = Criteria.builder()
                .setTypes(String.class, Float.class)
                .optModelPath(Path.of("models/pcqm-gap"))
                .optEngine("PyTorch")
                .optTranslatorFactory(new MoleculeTranslatorFactory())
                .build();
        try (ZooModel<String, Float> model = criteria.loadModel();
                Predictor<String, Float> predictor = model.newPredictor()) {
            JsonNode recorded = recorded(GAP);
            List<String> smiles = List.copyOf(recorded.propertyNames());
            List<Float> gaps = predictor.batchPredict(smiles);
            assertThat(smiles).hasSizeGreaterThan(4);
            for (int i = 0; i < smiles.size(); i++) {
                double expected = recorded.get(smiles.get(i)).asDouble();
                assertThat((double) gaps.get(i)).as(smiles.get(i)).isCloseTo(expected, within(1e-4));
                assertThat((double) predictor.predict(smiles.get(i))).isCloseTo(expected, within(1e-4));
            }
            assertThatThrownBy(() -> predictor.predict("C(C"))
                    .isInstanceOf(TranslateException.class)
                    .rootCause()
                    .hasMessageContaining("SMILES");
        }
    }

    @Test
    void spectrum_loadedAsItsCardSays_predictsWhatWasRecorded() throws Exception {
        Criteria<String, float[]> criteria = Criteria.builder()
                .setTypes(String.class, float[].class)
                .optModelPath(Path.of("models/massbank-spectrum"))
                .optEngine("PyTorch")
                .optTranslatorFactory(new MoleculeTranslatorFactory())
                .build();
        try (ZooModel<String, float[]> model = criteria.loadModel();
                Predictor<String, float[]> predictor = model.newPredictor()) {
            JsonNode recorded = recorded(SPECTRUM);
            List<String> smiles = List.copyOf(recorded.propertyNames());
            List<float[]> spectra = predictor.batchPredict(smiles);
            assertThat(smiles).hasSizeGreaterThan(2);
            for (int i = 0; i < smiles.size(); i++) {
                float[] spectrum = spectra.get(i);
                assertThat(spectrum).hasSize(1000);
                for (Map.Entry<String, JsonNode> peak :
                        recorded.get(smiles.get(i)).properties()) {
                    assertThat((double) spectrum[Integer.parseInt(peak.getKey())])
                            .as("%s at m/z %s", smiles.get(i), peak.getKey())
                            .isCloseTo(peak.getValue().asDouble(), within(1e-4));
                }
            }
        }
    }

    @Test
    void spectrum_askedForOneNumber_isRefused() {
        Criteria<String, Float> criteria = Criteria.builder()
                .setTypes(String.class, Float.class)
                .optModelPath(SPECTRUM.resolve("best"))
                .optEngine("PyTorch")
                .optTranslatorFactory(new MoleculeTranslatorFactory())
                .build();
        assertThatThrownBy(criteria::loadModel)
                .isInstanceOf(ModelNotFoundException.class)
                .hasStackTraceContaining("expected String to float[] for this model");
    }

    @Test
    void encoderAlone_loaded_givesVectorsAndNoNumber() throws Exception {
        byte[] described =
                ModelFile.of(Checkpoint.open(GAP.resolve("best"))).ofEncoder().toBytes();
        Files.write(folder.resolve("model.yaml"), described);
        try (Model whole = Checkpoint.open(GAP.resolve("best")).loadModel(block(GAP), Device.cpu());
                Model alone = Model.newInstance("property")) {
            alone.setBlock(((EncoderModel) whole.getBlock()).encoder());
            alone.save(folder, "property");
            assertThat(block(folder)).isInstanceOf(GraphEncoder.class);
        }
        try (ZooModel<String, float[]> model = encoder(float[].class).loadModel();
                Predictor<String, float[]> predictor = model.newPredictor()) {
            assertThat(predictor.predict("CCO")).hasSize(64);
        }
        assertThatThrownBy(() -> encoder(Float.class).loadModel())
                .isInstanceOf(ModelNotFoundException.class)
                .hasStackTraceContaining("expected String to float[] for this model");
    }

    private <T> Criteria<String, T> encoder(Class<T> type) {
        return Criteria.builder()
                .setTypes(String.class, type)
                .optModelPath(folder)
                .optModelName("property")
                .optEngine("PyTorch")
                .optArgument("blockFactory", new ModelFolder())
                .optTranslatorFactory(new MoleculeTranslatorFactory())
                .build();
    }

    @Test
    void features_notMadeOfSmiles_haveNoTranslator() throws Exception {
        Files.writeString(
                folder.resolve("model.yaml"),
                Files.readString(GAP.resolve("best/model.yaml")).replace("ogb-9-3", "pyg-9-3"));
        try (Model named = Model.newInstance("property")) {
            named.setBlock(Blocks.identityBlock());
            named.getBlock().initialize(named.getNDManager(), DataType.FLOAT32, new Shape(1));
            named.save(folder, "identity");
            named.load(folder, "identity");
            assertThatThrownBy(() ->
                            new MoleculeTranslatorFactory().newInstance(String.class, Float.class, named, Map.of()))
                    .isInstanceOf(TranslateException.class)
                    .hasMessageContaining("pyg-9-3");
        }
    }

    @Test
    void block_descriptionThatIsNone_saysWhatIsMissing() throws Exception {
        Files.writeString(folder.resolve("model.yaml"), "feature_spec: ogb-9-3\n");
        assertThatThrownBy(() -> block(folder))
                .isInstanceOf(java.io.IOException.class)
                .hasMessageContaining("expected the key model, found none");
        Files.writeString(folder.resolve("model.yaml"), "a: [1\n");
        assertThatThrownBy(() -> block(folder))
                .isInstanceOf(java.io.IOException.class)
                .hasMessageContaining("expected YAML");
    }

    @Test
    void predict_onTheFolderOfAModel_writesTheRecordedValues() throws Exception {
        JsonNode recorded = recorded(GAP);
        List<String> smiles = List.copyOf(recorded.propertyNames());
        Path input = Files.write(folder.resolve("molecules.smi"), smiles);
        Path out = folder.resolve("gaps.csv");
        assertThat(Shell.millrace(
                                "predict",
                                "--model",
                                GAP.toString(),
                                "--batch",
                                input.toString(),
                                "--out",
                                out.toString())
                        .code())
                .isZero();
        List<String> rows = new ArrayList<>(Files.readAllLines(out));
        rows.remove(0);
        for (int i = 0; i < smiles.size(); i++) {
            String value = rows.get(i).substring(rows.get(i).lastIndexOf(',') + 1);
            assertThat(Double.parseDouble(value))
                    .isCloseTo(recorded.get(smiles.get(i)).asDouble(), within(1e-4));
        }
        Path msp = folder.resolve("spectrum.msp");
        assertThat(Shell.millrace("predict", "--model", SPECTRUM.toString(), "--smiles", "CCO", "--out", msp.toString())
                        .code())
                .isZero();
        assertThat(msp).content().containsIgnoringCase("num peaks:");
    }

    private static EncoderModel block(Path folder) throws Exception {
        try (Model model = Model.newInstance("any")) {
            return (EncoderModel) new ModelFolder().newBlock(model, folder, Map.of());
        }
    }

    private static JsonNode recorded(Path model) throws Exception {
        return JsonMapper.shared().readTree(Files.readString(model.resolve("predictions.json")));
    }
}
