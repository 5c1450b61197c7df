package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import dev.millrace.model.EncoderModel;
import dev.millrace.model.ModelFolder;
import dev.millrace.model.MoleculeTranslatorFactory;
import dev.millrace.model.PropertyModel;
import dev.millrace.model.SpectrumModel;
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
                .optModelPath(Path.of("models/pcqm-gap/best"))
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
                .optModelPath(Path.of("models/massbank-spectrum/best"))
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

    /** One description, two readers: that of the command line and that of the library. */
    @Test
    void block_ofTheFolder_isThatOfTheCommandLine() throws Exception {
        Path gap = GAP.resolve("best");
        PropertyModel properties = (PropertyModel) block(gap);
        assertThat(properties.config())
                .isEqualTo(((PropertyModel) ModelFile.of(Checkpoint.open(gap)).newBlock()).config());
        Path best = SPECTRUM.resolve("best");
        SpectrumModel spectra = (SpectrumModel) block(best);
        assertThat(spectra.config())
                .isEqualTo(((SpectrumModel) ModelFile.of(Checkpoint.open(best)).newBlock()).config());
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
            return new ModelFolder().newBlock(model, folder, Map.of());
        }
    }

    private static JsonNode recorded(Path model) throws Exception {
        return JsonMapper.shared().readTree(Files.readString(model.resolve("predictions.json")));
    }
}
