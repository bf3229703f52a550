// What each method computes, in a sentence or two, and whose it is.
export const METHODS = {
  saliency: ["The gradient of the score with respect to the pixels: how fast the score changes with each of them. Of a pixel’s three colours, the largest absolute value counts.",
    "Simonyan, Vedaldi and Zisserman, “Deep Inside Convolutional Networks” (2014)"],
  input_x_gradient: ["The gradient times the pixel itself: what each pixel contributes to the score, to first order. A pixel of ImageNet’s mean grey contributes nothing.",
    "Shrikumar et al., “Not Just a Black Box” (2016)"],
  guided_backpropagation: ["The gradient, with only what is positive passed back through every ReLU. Sharp, but much of it is the photograph’s own edges, whatever the class.",
    "Springenberg et al., “Striving for Simplicity: The All Convolutional Net” (2015)"],
  deconvnet: ["The gradient, with each ReLU applied to what comes back instead of to what went forward.",
    "Zeiler and Fergus, “Visualizing and Understanding Convolutional Networks” (2014)"],
  smoothgrad: ["The mean of the gradients at several noisy copies of the photograph. What the noise shakes at random cancels.",
    "Smilkov et al., “SmoothGrad: removing noise by adding noise” (2017)"],
  smoothgrad_squared: ["The mean of the squared gradients at several noisy copies. Gradients of opposite sign do not cancel.",
    "Hooker et al., “A Benchmark for Interpretability Methods in Deep Neural Networks” (2019)"],
  vargrad: ["The variance of the gradients at several noisy copies: where the noise makes the gradient change.",
    "Adebayo et al., “Local Explanation Methods for Deep Neural Networks Lack Sensitivity to Parameter Values” (2018)"],
  integrated_gradients: ["The gradient, averaged on the straight way from a plain baseline to the photograph, times their difference. The numbers add up to the gain in score.",
    "Sundararajan, Taly and Yan, “Axiomatic Attribution for Deep Networks” (2017)"],
  expected_gradients: ["Integrated gradients, averaged over baselines that are themselves photographs: here the twenty below.",
    "Erion et al., “Improving performance of deep learning models with axiomatic attribution priors and expected gradients” (2021)"],
  grad_cam: ["The feature maps of one late layer, added up, each weighted by what the score gains from it. Coarse, and different for every class.",
    "Selvaraju et al., “Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization” (2017)"],
  guided_grad_cam: ["Guided backpropagation, kept where Grad-CAM is bright: fine, and of one class.",
    "Selvaraju et al., “Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization” (2017)"],
  occlusion: ["How far the score falls when a patch of the photograph is covered, for patches everywhere. No gradient is needed.",
    "Zeiler and Fergus, “Visualizing and Understanding Convolutional Networks” (2014)"],
  rise: ["The mean of many random masks, each weighted by how sure the network stays of what the mask lets through.",
    "Petsiuk, Das and Saenko, “RISE: Randomized Input Sampling for Explanation of Black-box Models” (2018)"],
};
export const RANDOM = new Set(["smoothgrad", "smoothgrad_squared", "vargrad", "expected_gradients", "rise"]);

export const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);
