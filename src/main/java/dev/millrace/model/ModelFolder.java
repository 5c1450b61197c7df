package dev.millrace.model;

import ai.djl.Model;
import ai.djl.nn.BlockFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The block of a trained model, as the {@code model.yaml} of a checkpoint, or of the best one of a run, describes it. DJL finds this class by the
 * {@code blockFactory} in the folder's {@code serving.properties}, so that {@code Criteria} needs the folder and a translator only:
 *
 * {@snippet :
 * Criteria<String, Float> criteria = Criteria.builder()
 *         .setTypes(String.class, Float.class)
 *         .optModelPath(Path.of("models/pcqm-gap"))
 *         .optEngine("PyTorch")
 *         .optTranslatorFactory(new MoleculeTranslatorFactory())
 *         .build();
 * try (ZooModel<String, Float> model = criteria.loadModel();
 *         Predictor<String, Float> predictor = model.newPredictor()) {
 *     List<Float> gaps = predictor.batchPredict(List.of("CCO", "c1ccccc1"));
 * }
 * }
 *
 * <p>Without that file, for a checkpoint of one's own: {@code optArgument("blockFactory", new ModelFolder())} and
 * {@code optModelName} with the name of its {@code .params} file, {@code "property"}, {@code "spectrum"}, {@code "tokens"} or {@code "table"}; an encoder alone, the folder
 * {@code pretrained_backbone} of a run, is loaded so too. Immutable, thread-safe.
 */
public final class ModelFolder implements BlockFactory {
    private static final long serialVersionUID = 1;

    /** Called by DJL too. */
    public ModelFolder() {}

    /**
     * The block without parameters; DJL loads them.
     *
     * @throws IOException if the folder has no {@code model.yaml}, or one that describes no model
     */
    @Override
    public TrainableModel newBlock(Model model, Path folder, Map<String, ?> arguments) throws IOException {
        return SavedModel.read(folder).newBlock();
    }
}
