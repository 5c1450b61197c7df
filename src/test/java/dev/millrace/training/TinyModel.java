package dev.millrace.training;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.util.Pair;
import java.util.Map;
import java.util.TreeMap;

/** A network with everything that makes resuming hard: dropout, batch norm with running statistics, biases. */
final class TinyModel {
    private TinyModel() {}

    static Model create() {
        return create(16);
    }

    static Model create(int width) {
        Model model = Model.newInstance("tiny", Device.cpu());
        model.setBlock(block(width));
        return model;
    }

    static SequentialBlock block(int width) {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(width).build())
                .add(BatchNorm.builder().build())
                .add(Activation::relu)
                .add(Dropout.builder().optRate(0.2f).build())
                .add(Linear.builder().setUnits(1).build());
    }

    static Model linear() {
        Model model = Model.newInstance("line", Device.cpu());
        model.setBlock(new SequentialBlock().add(Linear.builder().setUnits(1).build()));
        return model;
    }

    /** The bits of every parameter. */
    static Map<String, byte[]> bits(Model model) {
        Map<String, byte[]> bits = new TreeMap<>();
        for (Pair<String, Parameter> entry : model.getBlock().getParameters()) {
            bits.put(entry.getKey(), entry.getValue().getArray().toByteArray());
        }
        return bits;
    }

    static NDArray parameter(Model model, String name) {
        return model.getBlock().getParameters().get(name).getArray();
    }

    /** Arrays held by a manager and all below it. */
    static int arrays(NDManager manager) {
        try {
            var field = ai.djl.ndarray.BaseNDManager.class.getDeclaredField("resources");
            field.setAccessible(true);
            int count = 0;
            for (Object resource : ((Map<?, ?>) field.get(manager)).values()) {
                count += resource instanceof NDManager child ? arrays(child) : 1;
            }
            return count;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
