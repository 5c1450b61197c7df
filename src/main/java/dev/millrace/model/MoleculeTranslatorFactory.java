package dev.millrace.model;

import ai.djl.Model;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Set;

/**
 * Translators from SMILES for the models that Millrace trains, see {@link ModelFolder} for their use.
 *
 * <table>
 *   <caption>Types</caption>
 *   <tr><th>from</th><th>to</th><th>of a model of properties</th><th>of a model of spectra</th>
 *       <th>of an encoder alone</th></tr>
 *   <tr><td>{@code String}, a SMILES</td><td>{@code Float}</td><td>the first target, such as the gap in eV</td>
 *       <td>refused</td><td>refused</td></tr>
 *   <tr><td>{@code String}</td><td>{@code float[]}</td><td>every target, in the order of the model</td>
 *       <td>an intensity per bin; the largest is 1</td><td>the vector of the molecule</td></tr>
 * </table>
 *
 * <p>A model of features that are made of other things than SMILES, {@code pyg-9-3}, has no translator. A text that is no molecule is a {@code TranslateException} whose cause says why. Immutable, thread-safe.
 */
public final class MoleculeTranslatorFactory implements TranslatorFactory {
    private static final long serialVersionUID = 1;

    /** One for all models. */
    public MoleculeTranslatorFactory() {}

    @Override
    public Set<Pair<Type, Type>> getSupportedTypes() {
        return Set.of(new Pair<>(String.class, Float.class), new Pair<>(String.class, float[].class));
    }

    @Override
    @SuppressWarnings("unchecked") // The types were asked for by their classes.
    public <I, O> Translator<I, O> newInstance(Class<I> from, Class<O> to, Model model, Map<String, ?> arguments)
            throws TranslateException {
        SavedModel saved;
        MoleculeInput input;
        boolean spectra;
        boolean properties;
        try {
            saved = SavedModel.read(model.getModelPath());
            input = MoleculeInput.named(saved.featureSpec());
            spectra = saved.spectrum() != null;
            properties = saved.targets() != null;
        } catch (IOException | IllegalArgumentException e) {
            throw new TranslateException(e.getMessage(), e);
        }
        if (from != String.class || (to != float[].class && (!properties || to != Float.class))) {
            throw new TranslateException("No translator: expected String to float[]" + (properties ? " or Float" : "")
                    + " for this model, found " + from.getSimpleName() + " to " + to.getSimpleName() + " ("
                    + model.getModelPath() + ").");
        }
        if (to == Float.class) {
            return (Translator<I, O>) new MoleculeTranslator<>(input, row -> row[0]);
        }
        return (Translator<I, O>) new MoleculeTranslator<>(input, row -> spectra ? scaled(row) : row);
    }

    /** A base peak of 1; nothing but zeros stays as it is. */
    private static float[] scaled(float[] row) {
        float base = 0;
        for (float value : row) {
            base = Math.max(base, value);
        }
        for (int bin = 0; base > 0 && bin < row.length; bin++) {
            row[bin] /= base;
        }
        return row;
    }
}
