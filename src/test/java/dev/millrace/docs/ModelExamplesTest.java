package dev.millrace.docs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import dev.millrace.model.MoleculeTranslatorFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The Java of the model cards and of docs/getting-started.md. */
class ModelExamplesTest {
    @Test
    void gapModel_asItsCardLoadsIt_predictsElectronVolts() throws Exception {
        List<Float> gaps;
        // @start region="gap"
        Criteria<String, Float> criteria = Criteria.builder()
                .setTypes(String.class, Float.class)
                .optModelPath(Path.of("models/pcqm-gap"))
                .optEngine("PyTorch")
                .optTranslatorFactory(new MoleculeTranslatorFactory())
                .build();
        try (ZooModel<String, Float> model = criteria.loadModel();
                Predictor<String, Float> predictor = model.newPredictor()) {
            gaps = predictor.batchPredict(List.of("CCO", "c1ccccc1")); // one batch of graphs
        }
        // @end
        assertThat(gaps).hasSize(2).allMatch(gap -> gap > 2 && gap < 12);
    }

    @Test
    void spectrumModel_asItsCardLoadsIt_predictsABasePeak() throws Exception {
        float[] spectrum;
        // @start region="spectrum"
        Criteria<String, float[]> criteria = Criteria.builder()
                .setTypes(String.class, float[].class)
                .optModelPath(Path.of("models/massbank-spectrum"))
                .optEngine("PyTorch")
                .optTranslatorFactory(new MoleculeTranslatorFactory())
                .build();
        try (ZooModel<String, float[]> model = criteria.loadModel();
                Predictor<String, float[]> predictor = model.newPredictor()) {
            spectrum = predictor.predict("CCO");
        }
        // @end
        assertThat(spectrum).hasSize(1000).contains(1f);
    }
}
